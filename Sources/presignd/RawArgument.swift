// SPDX-License-Identifier: Apache-2.0

/// Arguments as the bytes that the kernel gave.
///
/// The argument parser hands out text, in which bytes that are not UTF-8 are repaired: a file of such
/// a name could not be named. So the bytes are looked up again by the text they became.
enum RawArgument {
    /// The bytes behind an argument's text; the text's own where they say the same.
    static func bytes(of text: String) -> [UInt8] {
        for index in 1..<max(1, Int(CommandLine.argc)) {
            guard let start = unsafe CommandLine.unsafeArgv[index] else { continue }
            var bytes: [UInt8] = []
            var next = unsafe start
            while unsafe next.pointee != 0 {
                bytes.append(UInt8(bitPattern: unsafe next.pointee))
                unsafe next += 1
            }
            if String(decoding: bytes, as: UTF8.self).utf8.elementsEqual(text.utf8) { return bytes }
        }
        return Array(text.utf8)
    }
}
