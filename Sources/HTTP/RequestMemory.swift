// SPDX-License-Identifier: Apache-2.0

import CCurl

/// One block that holds all that libcurl points into while a request is under way: the URL, the
/// list of headers, and a small body.
///
/// Memory of Swift arrays may move; this does not, and it is freed with the request.
@safe
final class RequestMemory {
    /// Bodies below this are copied here and leave in one system call with the headers.
    ///
    /// It is libcurl's own limit for that (MAX_INITIAL_POST_SIZE in its lib/http.c).
    static let smallBody = 64 << 10

    private let block: UnsafeMutableRawPointer
    private let nodes: UnsafeMutablePointer<curl_slist>
    /// The URL up to its path, as a C string.
    let origin: UnsafePointer<CChar>
    /// What stands between method and version in the request, as a C string.
    let target: UnsafePointer<CChar>
    /// The small body.
    let body: UnsafeMutableRawPointer

    /// Copies a request.
    ///
    /// - Parameters:
    ///   - request: The request.
    ///   - target: Its URL, taken apart.
    ///   - wholeURL: Whether the whole URL stands in the request, for a proxy.
    ///   - smallBody: A body that is kept here.
    /// - Throws: `HTTPError.invalidRequest` for a header that cannot be sent as it stands.
    init(
        _ request: HTTPRequest,
        _ target: RequestTarget,
        wholeURL: Bool = false,
        smallBody: [UInt8]
    ) throws(HTTPError) {
        var lines = HeaderLines(request.headers)
        for (name, value) in request.headers {
            try lines.check(name: name, value: value)
        }
        let nodesSize = unsafe MemoryLayout<curl_slist>.stride * lines.nodeCount
        let size = nodesSize + request.url.count * 2 + 3 + lines.textSize + smallBody.count
        unsafe block = .allocate(byteCount: size, alignment: MemoryLayout<curl_slist>.alignment)
        unsafe nodes = block.bindMemory(to: curl_slist.self, capacity: lines.nodeCount)
        var writer = unsafe MemoryWriter(block + nodesSize)
        unsafe origin = writer.write(cString: target.origin)
        // A request for an empty path asks for "/" (RFC 9112, section 3.2.1).
        let isRooted = target.path.first == UInt8(ascii: "/")
        let start = unsafe writer.position
        if wholeURL { writer.write(target.origin) }
        if !isRooted { writer.write(UInt8(ascii: "/")) }
        writer.write(target.path)
        writer.write(0)
        unsafe self.target = UnsafePointer(start.assumingMemoryBound(to: CChar.self))
        unsafe lines.write(to: nodes, text: &writer)
        unsafe body = writer.position
        writer.write(smallBody[...])
    }

    deinit { unsafe block.deallocate() }

    /// The list of headers; its first entry forbids `Expect`, and is left out where it may be sent.
    func headers(allowingExpect: Bool) -> UnsafeMutablePointer<curl_slist> {
        unsafe allowingExpect ? nodes + 1 : nodes
    }
}

/// Writes bytes one after the other into memory that is known to be large enough.
@safe
struct MemoryWriter {
    private(set) var position: UnsafeMutableRawPointer

    init(_ position: UnsafeMutableRawPointer) { unsafe self.position = position }

    mutating func write(_ bytes: ArraySlice<UInt8>) {
        unsafe bytes.withUnsafeBytes { source in
            if let start = source.baseAddress {
                unsafe position.copyMemory(from: start, byteCount: source.count)
            }
        }
        unsafe position += bytes.count
    }

    mutating func write(_ text: String) {
        var text = text
        text.withUTF8 { source in
            if let start = source.baseAddress {
                unsafe position.copyMemory(from: start, byteCount: source.count)
            }
            unsafe position += source.count
        }
    }

    mutating func write(_ byte: UInt8) {
        unsafe position.storeBytes(of: byte, as: UInt8.self)
        unsafe position += 1
    }

    /// Writes bytes and a NUL, and returns where they start.
    mutating func write(cString bytes: ArraySlice<UInt8>) -> UnsafePointer<CChar> {
        let start = unsafe position
        write(bytes)
        write(0)
        return unsafe UnsafePointer(start.assumingMemoryBound(to: CChar.self))
    }
}
