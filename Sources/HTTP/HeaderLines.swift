// SPDX-License-Identifier: Apache-2.0

import CCurl

/// The headers of a request in libcurl's form, in which `Name:` removes a header that libcurl would
/// add by itself and `Name;` sends one without a value (CURLOPT_HTTPHEADER).
struct HeaderLines {
    private let headers: [(name: String, value: String)]
    private var hasAccept = false
    private var hasContentType = false

    init(_ headers: [(name: String, value: String)]) { self.headers = headers }

    /// Notes what is given, and refuses what would change the message's framing.
    mutating func check(name: String, value: String) throws(HTTPError) {
        // As buffers, which are walked several times as fast as a text's UTF-8 view.
        var (nameText, valueText) = (name, value)
        let isToken = nameText.withUTF8 { bytes in
            unsafe bytes.allSatisfy { byte in
                byte > 0x20 && byte < 0x7f && byte != UInt8(ascii: ":") && byte != UInt8(ascii: ";")
            }
        }
        guard isToken, !name.isEmpty else {
            throw .invalidRequest(reason: "\"\(name)\" is no name of a header")
        }
        let isClean = valueText.withUTF8 { bytes in
            unsafe bytes.allSatisfy { $0 >= 0x20 && $0 != 0x7f || $0 == 0x09 }
        }
        guard isClean else {
            throw .invalidRequest(reason: "the header \(name) has a control character")
        }
        switch name.utf8.count {
        case 6 where name.lowercased() == "expect":
            throw .invalidRequest(reason: "Expect is the client's own: leave it out")
        case 6 where name.lowercased() == "accept":
            hasAccept = true
        case 12 where name.lowercased() == "content-type":
            hasContentType = true
        case 17 where name.lowercased() == "transfer-encoding":
            throw .invalidRequest(reason: "Transfer-Encoding would undo the exact length")
        default:
            break
        }
    }

    /// The entries of the list: the headers, and at most three that forbid libcurl's own.
    var nodeCount: Int { headers.count + 3 }

    /// The bytes that `write` will need, or more.
    var textSize: Int {
        headers.reduce(0) { $0 + $1.name.utf8.count + $1.value.utf8.count + 3 }
    }

    /// Writes the list into `nodes` and the texts into `text`; the first entry is about `Expect`.
    func write(to nodes: UnsafeMutablePointer<curl_slist>, text: inout MemoryWriter) {
        var count = 0
        func add(_ line: UnsafeMutablePointer<CChar>) {
            unsafe (nodes + count).initialize(to: curl_slist(data: line, next: nil))
            if count > 0 { unsafe nodes[count - 1].next = nodes + count }
            count += 1
        }
        unsafe add(fixed("Expect:"))
        if !hasAccept { unsafe add(fixed("Accept:")) }
        if !hasContentType { unsafe add(fixed("Content-Type:")) }
        for (name, value) in headers where !isContentLength(name) {
            let start = unsafe text.position.assumingMemoryBound(to: CChar.self)
            text.write(name)
            if value.utf8.allSatisfy({ $0 == 0x20 || $0 == 0x09 }) {
                text.write(UInt8(ascii: ";"))
            } else {
                text.write(UInt8(ascii: ":"))
                text.write(UInt8(ascii: " "))
                text.write(value)
            }
            text.write(0)
            unsafe add(start)
        }
    }

    /// libcurl writes the length itself, from the body.
    private func isContentLength(_ name: String) -> Bool {
        name.utf8.count == 14 && name.lowercased() == "content-length"
    }

    /// libcurl takes the texts as mutable, but only reads them.
    private func fixed(_ text: StaticString) -> UnsafeMutablePointer<CChar> {
        let start = unsafe UnsafeRawPointer(text.utf8Start).assumingMemoryBound(to: CChar.self)
        return unsafe UnsafeMutablePointer(mutating: start)
    }
}
