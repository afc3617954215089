// SPDX-License-Identifier: Apache-2.0

import CCurl
import Glibc

/// One libcurl handle: set up once for its kind, then used for one request after the other.
@safe
final class EasyHandle {
    let easy: UnsafeMutableRawPointer
    let kind: HandleKind
    let events: LoopEvents
    private let errorBuffer: UnsafeMutablePointer<CChar>
    private var origin: [UInt8] = []
    private var method = ""
    private var caFile: String?
    private var unixSocket: String?
    private var proxy: HTTPProxy?
    private var connectTimeout: Duration
    private var isFresh = false
    private(set) var usesLargeBuffer = false

    /// The request it runs.
    var transfer: Transfer?
    /// Where it stands in the loop's list of what is under way.
    var position = 0
    /// Whether it goes alone, so that others wait for its connection.
    var isOpening = false
    /// Whether it may take bytes of its body although others wait for the limit.
    var hasTurn = false
    /// Whether our own limit kept its body back since the watchdog looked last.
    var wasHeldBack = false
    /// Whether it was stopped before a look-up that another one is doing already.
    var mustWait = false
    var watchdog: Watchdog?
    /// The ports of its connection, by which its socket is found.
    var ports: (local: UInt16, peer: UInt16)?

    /// Makes a handle, or nothing when memory is short.
    init?(kind: HandleKind, options: HTTPOptions, events: LoopEvents) {
        guard let easy = unsafe curl_easy_init() else { return nil }
        unsafe self.easy = easy
        self.kind = kind
        self.events = events
        unsafe errorBuffer = .allocate(capacity: Int(CURL_ERROR_SIZE))
        unsafe errorBuffer.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
        caFile = options.caFile
        connectTimeout = options.connectTimeout
        setUp(options)
        setUpKind()
        setUpCallbacks()
        unsafe ccurl_set_pointer(easy, CURLOPT_ERRORBUFFER, errorBuffer)
    }

    deinit {
        unsafe curl_easy_cleanup(easy)
        unsafe errorBuffer.deallocate()
    }

    /// Sets what differs from the request before.
    ///
    /// - Parameters:
    ///   - transfer: The request.
    ///   - isFresh: Whether no kept connection may be used.
    ///   - largeBuffer: Whether the body goes through 2 MiB at a time.
    func prepare(_ transfer: Transfer, isFresh: Bool, largeBuffer: Bool) {
        self.transfer = transfer
        mustWait = false
        hasTurn = false
        wasHeldBack = false
        ports = nil
        // Only the front goes through libcurl's parser, and only when it changes; what is long and
        // signed goes out as it is.
        if transfer.target.origin != origin[...] {
            let code = unsafe ccurl_set_string(easy, CURLOPT_URL, transfer.memory.origin)
            // Without memory for it libcurl has none now; the next request must set it anew.
            origin = code == CURLE_OK ? Array(transfer.target.origin) : []
        }
        unsafe ccurl_set_string(easy, CURLOPT_REQUEST_TARGET, transfer.memory.target)
        let allowsExpect = transfer.allowsExpect && !transfer.wasRepeatedWithoutExpect
        unsafe ccurl_set_headers(easy, transfer.memory.headers(allowingExpect: allowsExpect))
        if transfer.method != method { set(method: transfer.method) }
        if transfer.caFile != caFile {
            caFile = transfer.caFile
            setCertificates(caFile)
        }
        if transfer.unixSocket != unixSocket {
            unixSocket = transfer.unixSocket
            set(string: unixSocket, CURLOPT_UNIX_SOCKET_PATH)
        }
        if transfer.proxy != proxy {
            proxy = transfer.proxy
            set(proxy: proxy)
        }
        if transfer.connectTimeout != connectTimeout {
            connectTimeout = transfer.connectTimeout
            set(CURLOPT_CONNECTTIMEOUT_MS, connectTimeout.milliseconds)
        }
        if isFresh != self.isFresh {
            self.isFresh = isFresh
            set(CURLOPT_FRESH_CONNECT, isFresh ? 1 : 0)
        }
        switch kind {
        case .plain, .download:
            break
        case .smallBody:
            unsafe ccurl_set_offset(easy, CURLOPT_POSTFIELDSIZE_LARGE, Int(transfer.bodyLength))
            unsafe ccurl_set_pointer(easy, CURLOPT_POSTFIELDS, transfer.memory.body)
        case .largeBody:
            unsafe ccurl_set_offset(easy, CURLOPT_INFILESIZE_LARGE, Int(transfer.bodyLength))
            if largeBuffer != usesLargeBuffer {
                usesLargeBuffer = largeBuffer
                set(CURLOPT_UPLOAD_BUFFERSIZE, largeBuffer ? 2 << 20 : 64 << 10)
            }
        }
    }

    private func set(method: String) {
        self.method = method
        let native =
            switch kind {
            case .plain, .download: "GET"
            case .smallBody: "POST"
            case .largeBody: "PUT"
            }
        let isHead = method == "HEAD"
        if kind == .plain || kind == .download { set(CURLOPT_NOBODY, isHead ? 1 : 0) }
        set(string: isHead || method == native ? nil : method, CURLOPT_CUSTOMREQUEST)
    }

    func set(_ option: CURLoption, _ value: Int) { _ = unsafe ccurl_set_long(easy, option, value) }

    func set(string: String?, _ option: CURLoption) {
        guard let string else {
            _ = unsafe ccurl_set_string(easy, option, nil)
            return
        }
        _ = unsafe string.withCString { unsafe ccurl_set_string(easy, option, $0) }
    }
}

// MARK: What a transfer has come to

extension EasyHandle {
    /// How far it is.
    var progress: Progress {
        let sent = Int64(unsafe ccurl_get_offset(easy, CURLINFO_SIZE_UPLOAD_T))
        return Progress(
            isConnected: unsafe ccurl_get_offset(easy, CURLINFO_PRETRANSFER_TIME_T) > 0,
            sent: max(sent - unsentBytes, 0),
            received: Int64(unsafe ccurl_get_offset(easy, CURLINFO_SIZE_DOWNLOAD_T))
        )
    }

    /// What the kernel still holds: megabytes, which a slow line takes minutes to send.
    private var unsentBytes: Int64 {
        guard let ports, let socket = events.socket(local: ports.local, peer: ports.peer) else {
            return 0
        }
        var count: Int32 = 0
        // TIOCOUTQ is SIOCOUTQ: bytes the peer has not acknowledged (tcp(7)).
        guard unsafe ioctl(socket, UInt(TIOCOUTQ), &count) == 0 else { return 0 }
        return Int64(count)
    }

    /// libcurl's words for a failure; they may name paths, so only those about TLS may be shown.
    var errorWords: String { unsafe String(cString: errorBuffer) }

    /// The error number of the system call that failed, if one did.
    var systemError: Int32 {
        Int32(truncatingIfNeeded: unsafe ccurl_get_long(easy, CURLINFO_OS_ERRNO))
    }
}
