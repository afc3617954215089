// SPDX-License-Identifier: Apache-2.0

import CCurl

extension HTTPError {
    /// Puts libcurl's code into our words.
    ///
    /// - Parameters:
    ///   - code: The code; not `CURLE_OK`.
    ///   - handle: The handle, as the transfer left it.
    ///   - peer: `host:port`.
    ///   - options: For the limits that are named in the text.
    init(_ code: CURLcode, handle: EasyHandle, peer: String, options: HTTPOptions) {
        switch code {
        case CURLE_COULDNT_RESOLVE_HOST:
            self = .resolve(peer: peer)
        case CURLE_COULDNT_RESOLVE_PROXY:
            self = .connect(peer: peer, reason: "its proxy's name has no address")
        case CURLE_PROXY:
            self = .connect(peer: peer, reason: "the proxy did not let it through")
        case CURLE_COULDNT_CONNECT where handle.transfer?.isRefused == true:
            self = .forbiddenAddress(peer: peer)
        case CURLE_COULDNT_CONNECT:
            let number = handle.systemError
            let reason = number > 0 ? errorText(number) : "it did not succeed"
            self = .connect(peer: peer, reason: reason)
        case CURLE_OPERATION_TIMEDOUT:
            // The only limit that is libcurl's own.
            let limit = handle.transfer?.connectTimeout ?? options.connectTimeout
            self = .connect(peer: peer, reason: "it took longer than \(limit)")
        case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CERTPROBLEM,
            CURLE_SSL_CIPHER, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_ISSUER_ERROR,
            CURLE_SSL_ENGINE_INITFAILED:
            let words = handle.errorWords
            self = .tls(peer: peer, reason: words.isEmpty ? Self.words(for: code) : words)
        case CURLE_SEND_ERROR, CURLE_RECV_ERROR, CURLE_GOT_NOTHING, CURLE_PARTIAL_FILE,
            CURLE_SEND_FAIL_REWIND:
            self = .connectionLost(peer: peer)
        case CURLE_URL_MALFORMAT:
            self = .invalidRequest(reason: "the URL for \(peer) is malformed")
        case CURLE_UNSUPPORTED_PROTOCOL:
            // The URL's scheme has been checked: it is HTTP/0.9, a bare stream of bytes.
            self = .badAnswer(peer: peer, reason: "there is no status line")
        case CURLE_OUT_OF_MEMORY:
            self = .unavailable(reason: "out of memory")
        default:
            self = .badAnswer(peer: peer, reason: Self.words(for: code))
        }
    }

    /// libcurl's fixed text for a code, which names nothing of the request.
    private static func words(for code: CURLcode) -> String {
        unsafe curl_easy_strerror(code).map { unsafe String(cString: $0) } ?? "\(code.rawValue)"
    }

    /// Whether those who wait for the same connection need not try for themselves.
    var meansUnreachable: Bool {
        switch self {
        case .resolve, .connect, .forbiddenAddress: true
        default: false
        }
    }
}
