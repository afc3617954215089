// SPDX-License-Identifier: Apache-2.0

/// A webhook: an HTTP endpoint that is told of each event.
public struct WebhookSettings: Hashable, Sendable {
    /// Where it goes.
    public enum Address: Hashable, Sendable {
        /// This URL.
        case url(WebhookURL)
        /// The URL that this file holds, for URLs that are secrets.
        case file(String)
    }

    /// What is sent.
    public enum Body: Hashable, Sendable {
        /// The payload of Standard Webhooks: `type`, `timestamp`, `data`.
        case standard
        /// CloudEvents 1.0 in structured JSON.
        case cloudEvents
        /// A text of one's own.
        case template(BodyTemplate, contentType: String, escaping: BodyTemplate.Escaping)
    }

    /// How it is sent.
    public enum Method: String, Hashable, Sendable, CaseIterable {
        /// The usual one.
        case post = "POST"
        /// For receivers that want a URL of its own for each event.
        case put = "PUT"
    }

    /// One header.
    public struct Header: Hashable, Sendable {
        /// Its name as it is sent.
        public var name: String
        /// Its value, or the path of the file that holds it.
        public var value: String

        /// Makes a header.
        public init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    /// Where it goes.
    public var address: Address
    /// The file of one or two `whsec_` keys, a line each; absent: requests are not signed.
    public var secretFile: String?
    /// What is sent; default `standard`.
    public var body: Body
    /// How; default POST.
    public var method: Method
    /// Headers that are no secrets.
    public var headers: [Header]
    /// Headers whose values stand in files.
    public var headerFiles: [Header]
    /// Whether it may be on this machine or in a private network, and `http` there; default no.
    public var allowsPrivate: Bool
    /// A file of certificates to trust besides the system's.
    public var caFile: String?
    /// How long its answer may take; default 20 s.
    public var timeLimit: Span

    /// Makes settings; every default is the one its property names.
    public init(
        address: Address,
        secretFile: String? = nil,
        body: Body = .standard,
        method: Method = .post,
        headers: [Header] = [],
        headerFiles: [Header] = [],
        allowsPrivate: Bool = false,
        caFile: String? = nil,
        timeLimit: Span = .seconds(20)
    ) {
        self.address = address
        self.secretFile = secretFile
        self.body = body
        self.method = method
        self.headers = headers
        self.headerFiles = headerFiles
        self.allowsPrivate = allowsPrivate
        self.caFile = caFile
        self.timeLimit = timeLimit
    }

    /// The files that hold secrets.
    public var secretFiles: [String] {
        var files = headerFiles.map(\.value)
        if let secretFile { files.append(secretFile) }
        if case .file(let path) = address { files.append(path) }
        return files
    }
}

/// A command: a program that is run for each event, which it gets as one line on standard input.
public struct CommandSettings: Hashable, Sendable {
    /// The program and its arguments; never a shell's line.
    public var words: [String]
    /// How long it may run; default 60 s.
    public var timeLimit: Span

    /// Makes settings.
    public init(words: [String], timeLimit: Span = .seconds(60)) {
        self.words = words
        self.timeLimit = timeLimit
    }
}
