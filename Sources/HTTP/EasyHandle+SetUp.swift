// SPDX-License-Identifier: Apache-2.0

import CCurl

extension EasyHandle {
    /// Sets what is the same for every request.
    func setUp(_ options: HTTPOptions) {
        set(CURLOPT_NOSIGNAL, 1)
        // HTTP/2 shares one connection, and one stall, among all transfers; S3 does not speak it.
        set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
        set(CURLOPT_PATH_AS_IS, 1)
        set(string: "http,https", CURLOPT_PROTOCOLS_STR)
        set(CURLOPT_FOLLOWLOCATION, 0)
        set(CURLOPT_NETRC, Int(CURL_NETRC_IGNORED.rawValue))
        // Empty: no proxy, not even one that the environment names.
        set(string: "", CURLOPT_PROXY)
        set(string: "", CURLOPT_NOPROXY)
        // CURLAUTH_BASIC, a macro that Swift does not see.
        set(CURLOPT_PROXYAUTH, 1)
        set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
        // A proxy learns nothing of the headers of what goes through it.
        set(CURLOPT_HEADEROPT, Int(CURLHEADER_SEPARATE))
        set(CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
        set(CURLOPT_SSL_VERIFYPEER, 1)
        set(CURLOPT_SSL_VERIFYHOST, 2)
        setCertificates(options.caFile)
        set(CURLOPT_CONNECTTIMEOUT_MS, options.connectTimeout.milliseconds)
        set(CURLOPT_EXPECT_100_TIMEOUT_MS, 1_000)
        set(CURLOPT_MAXAGE_CONN, max(options.idleTime.milliseconds / 1_000, 1))
        set(CURLOPT_TCP_KEEPALIVE, 1)
        set(string: options.userAgent, CURLOPT_USERAGENT)
    }

    /// Sets what makes the kind.
    func setUpKind() {
        switch kind {
        case .plain:
            set(CURLOPT_HTTPGET, 1)
        case .download:
            set(CURLOPT_HTTPGET, 1)
            // libcurl allocates it for each transfer; more pays for itself only in long answers.
            set(CURLOPT_BUFFERSIZE, 256 << 10)
        case .smallBody:
            set(CURLOPT_POST, 1)
        case .largeBody:
            set(CURLOPT_UPLOAD, 1)
        }
    }

    /// Sets a file of certificates to trust besides the system's folder of them; nothing for the
    /// system's file and folder, as libcurl was built.
    ///
    /// The folder stays: a store may have a certificate of one's own inside and a public one outside.
    func setCertificates(_ file: String?) {
        for option in [CURLOPT_CAINFO, CURLOPT_PROXY_CAINFO] {
            set(string: file ?? SystemTrust.known.file, option)
        }
        for option in [CURLOPT_CAPATH, CURLOPT_PROXY_CAPATH] {
            set(string: SystemTrust.known.folder, option)
        }
    }

    /// Sets the proxy; nothing for none.
    func set(proxy: HTTPProxy?) {
        set(string: proxy.map { "\($0)" } ?? "", CURLOPT_PROXY)
        set(string: proxy?.user, CURLOPT_PROXYUSERNAME)
        set(string: proxy?.password, CURLOPT_PROXYPASSWORD)
    }

    /// What a proxy said in place of letting the request through.
    var refusalOfProxy: HTTPError? {
        guard let transfer, let proxy = transfer.proxy else { return nil }
        let connect = unsafe ccurl_get_long(easy, CURLINFO_HTTP_CONNECTCODE)
        let status = connect >= 300 ? connect : transfer.status
        guard connect >= 300 || status == 407 else { return nil }
        let cure = status == 407 ? "; it wants a name and a password, or others" : ""
        return .connect(
            peer: transfer.peer,
            reason: "the proxy \(proxy) answered \(status)\(cure)"
        )
    }
}

/// What libcurl was built to trust; NULL for the options would mean to trust nothing.
private struct SystemTrust {
    var file: String?
    var folder: String?

    static let known: SystemTrust = {
        guard let easy = unsafe curl_easy_init() else { return SystemTrust() }
        defer { unsafe curl_easy_cleanup(easy) }
        return SystemTrust(
            file: unsafe ccurl_get_string(easy, CURLINFO_CAINFO).map { unsafe String(cString: $0) },
            folder: unsafe ccurl_get_string(easy, CURLINFO_CAPATH).map {
                unsafe String(cString: $0)
            }
        )
    }()
}
