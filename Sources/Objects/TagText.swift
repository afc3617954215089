// SPDX-License-Identifier: Apache-2.0

/// Which characters a tag may have.
///
/// A name of a file may have others; they become `_`, because a tag is there to group by and no
/// reason to leave a file behind.
struct TagText {
    /// What a value may be long, in characters.
    static let longestValue = 256

    private let allows: @Sendable (Unicode.Scalar) -> Bool

    /// Letters, digits and spaces of any language, and `+ - = . _ : / @` ("Tagging objects", Amazon S3
    /// User Guide).
    static let s3 = TagText { scalar in
        if "+-=._:/@ ".unicodeScalars.contains(scalar) { return true }
        return switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter,
            .decimalNumber, .letterNumber, .otherNumber, .spaceSeparator:
            true
        default: false
        }
    }

    /// ASCII letters and digits, space, and `+ - . / : = _` ("Set Blob Tags", Azure Storage REST API).
    static let azure = TagText { scalar in
        if "+-./:=_ ".unicodeScalars.contains(scalar) { return true }
        return switch scalar.value {
        case 0x30...0x39, 0x41...0x5a, 0x61...0x7a: true
        default: false
        }
    }

    /// A value with `_` for each character that is not allowed, cut to what is.
    func value(_ bytes: [UInt8]) -> String {
        var text = String.UnicodeScalarView()
        for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars.prefix(
            Self.longestValue
        ) {
            text.append(allows(scalar) ? scalar : "_")
        }
        return String(text)
    }
}
