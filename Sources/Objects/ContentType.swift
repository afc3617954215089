// SPDX-License-Identifier: Apache-2.0
internal import Jobs

/// The `Content-Type` of a file, by the end of its name, and by its first bytes where that says
/// nothing.
///
/// This table is also the allow-list: what neither it nor `ContentSignature` knows is
/// `application/octet-stream`, which no browser shows. Types that a browser would *run* (a page with scripts, also as SVG or XML) keep
/// their true type as long as the link says `attachment`, where they are saved and not opened; under
/// `inline` they become `text/plain`, which shows the source and never runs it, so that nobody who
/// can drop a file can publish a page under the store's host name.
enum ContentType {
    static let unknown = "application/octet-stream"

    /// Whether the end of a name tells the type, so that nobody needs to look into the file.
    static func isTold(by name: FileName) -> Bool { byExtension[ending(of: name)] != nil }

    /// Finds the type out.
    ///
    /// Content alone never makes a type that a browser would run: a page, a picture in SVG or XML
    /// under a strange name is `text/plain`.
    ///
    /// - Parameters:
    ///   - name: The file's name.
    ///   - head: Its first bytes, 4 KiB or all there are; empty: the name alone decides.
    ///   - disposition: What a browser is to do with it.
    /// - Returns: The type.
    static func detect(
        name: FileName,
        head: [UInt8],
        shown disposition: Disposition
    ) -> String {
        guard let type = byExtension[ending(of: name)] else {
            return ContentSignature.type(of: head) ?? unknown
        }
        return disposition == .inline && isActive(type) ? "text/plain" : type
    }

    /// What stands behind the last dot, in lower case; empty for none and for anything odd.
    private static func ending(of name: FileName) -> String {
        let part = name.lastPart
        guard let dot = part.lastIndex(of: UInt8(ascii: ".")), dot > part.startIndex,
            part.endIndex - dot <= 9
        else { return "" }
        var ending: [UInt8] = []
        for byte in part[(dot + 1)...] {
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): ending.append(byte | 0x20)
            case 0x21...0x7e: ending.append(byte)
            default: return ""
            }
        }
        return String(decoding: ending, as: UTF8.self)
    }

    /// Whether a browser would run what has this type.
    static func isActive(_ type: String) -> Bool {
        type == "text/html" || type == "application/xml" || type.hasSuffix("+xml")
    }

    private static let byExtension: [String: String] = [
        // Documents.
        "pdf": "application/pdf", "epub": "application/epub+zip", "ps": "application/postscript",
        "rtf": "application/rtf", "djvu": "image/vnd.djvu",
        // Text.
        "txt": "text/plain", "text": "text/plain", "log": "text/plain", "md": "text/markdown",
        "csv": "text/csv", "tsv": "text/tab-separated-values", "ics": "text/calendar",
        "vcf": "text/vcard", "css": "text/css", "html": "text/html", "htm": "text/html",
        "xhtml": "application/xhtml+xml", "js": "text/javascript", "mjs": "text/javascript",
        "json": "application/json", "jsonl": "application/jsonl",
        "geojson": "application/geo+json", "xml": "application/xml",
        "yaml": "application/yaml", "yml": "application/yaml", "toml": "application/toml",
        "srt": "application/x-subrip", "vtt": "text/vtt", "gpx": "application/gpx+xml",
        // Images.
        "jpg": "image/jpeg", "jpeg": "image/jpeg", "png": "image/png", "gif": "image/gif",
        "webp": "image/webp", "avif": "image/avif", "heic": "image/heic", "heif": "image/heif",
        "jxl": "image/jxl", "bmp": "image/bmp", "tif": "image/tiff", "tiff": "image/tiff",
        "ico": "image/vnd.microsoft.icon", "svg": "image/svg+xml",
        "psd": "image/vnd.adobe.photoshop", "dng": "image/x-adobe-dng",
        // Sound.
        "mp3": "audio/mpeg", "m4a": "audio/mp4", "aac": "audio/aac", "flac": "audio/flac",
        "ogg": "audio/ogg", "oga": "audio/ogg", "opus": "audio/ogg", "wav": "audio/wav",
        "weba": "audio/webm", "aif": "audio/aiff", "aiff": "audio/aiff", "mid": "audio/midi",
        // Moving pictures.
        "mp4": "video/mp4", "m4v": "video/mp4", "mov": "video/quicktime", "webm": "video/webm",
        "mkv": "video/x-matroska", "avi": "video/x-msvideo", "mpg": "video/mpeg",
        "mpeg": "video/mpeg", "ogv": "video/ogg", "ts": "video/mp2t", "3gp": "video/3gpp",
        // Archives and images of disks.
        "zip": "application/zip", "gz": "application/gzip", "tgz": "application/gzip",
        "bz2": "application/x-bzip2", "xz": "application/x-xz", "zst": "application/zstd",
        "tar": "application/x-tar", "7z": "application/x-7z-compressed",
        "rar": "application/vnd.rar", "jar": "application/java-archive",
        "iso": "application/x-iso9660-image", "deb": "application/vnd.debian.binary-package",
        "rpm": "application/x-rpm", "apk": "application/vnd.android.package-archive",
        // Office.
        "doc": "application/msword", "xls": "application/vnd.ms-excel",
        "ppt": "application/vnd.ms-powerpoint",
        "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        "odt": "application/vnd.oasis.opendocument.text",
        "ods": "application/vnd.oasis.opendocument.spreadsheet",
        "odp": "application/vnd.oasis.opendocument.presentation",
        // The rest.
        "eml": "message/rfc822", "sqlite": "application/vnd.sqlite3", "wasm": "application/wasm",
        "woff": "font/woff", "woff2": "font/woff2", "ttf": "font/ttf", "otf": "font/otf",
        "parquet": "application/vnd.apache.parquet", "dcm": "application/dicom",
        "stl": "model/stl", "glb": "model/gltf-binary",
    ]
}
