// SPDX-License-Identifier: Apache-2.0
import Crypto
import HTTP
import Jobs
import Objects
import Sign
import Synchronization

@testable import Transfer

/// A store in a cloud that keeps what it is sent, and is strict about the shape of each request: a
/// header or a parameter of the signature that is missing is answered like the real store would.
///
/// Whether the signature itself is right, the vectors in SignTests prove.
final class CloudServer: Sendable {
    /// An object, and the headers that its reader gets.
    struct Kept {
        var body: [UInt8]
        var headers: [(String, String)]
    }

    /// Takes a PUT whose shape is right so far.
    typealias Put = @Sendable (Exchange, [UInt8]) -> Result<Kept, Refused>

    struct Refused: Error {
        var reply: Reply
    }

    private let objects = Mutex<[String: Kept]>([:])
    private let put: Put
    private let missing: Reply
    private let needed: @Sendable (Exchange) -> Reply?

    /// Makes a server.
    ///
    /// - Parameters:
    ///   - needed: What is wrong with any request, if something is.
    ///   - missing: The answer where there is no object.
    ///   - put: What is wrong with a PUT, or what is kept.
    init(
        needed: @escaping @Sendable (Exchange) -> Reply?,
        missing: Reply,
        put: @escaping Put
    ) {
        self.needed = needed
        self.missing = missing
        self.put = put
    }

    /// The bytes under a path, once something is there.
    func object(_ path: String) -> [UInt8]? { objects.withLock { $0[path]?.body } }

    /// Puts an object there without asking.
    func place(_ path: String, _ kept: Kept) { objects.withLock { $0[path] = kept } }

    func answer(_ exchange: Exchange) -> Reply {
        let body = exchange.body()
        if let refusal = needed(exchange) { return refusal }
        switch exchange.method {
        case "PUT":
            switch put(exchange, body) {
            case .failure(let refused): return refused.reply
            case .success(let kept):
                place(exchange.path, kept)
                return Reply(status: 201, headers: kept.headers)
            }
        case "GET", "HEAD":
            guard let kept = objects.withLock({ $0[exchange.path] }) else {
                return exchange.method == "HEAD" ? Reply(status: 404) : missing
            }
            return exchange.method == "HEAD" ? Self.head(kept) : Self.get(kept, exchange)
        default: return Reply(status: 405)
        }
    }

    private static func head(_ kept: Kept) -> Reply {
        Reply(headers: kept.headers + [("content-length", "\(kept.body.count)")])
    }

    private static func get(_ kept: Kept, _ exchange: Exchange) -> Reply {
        guard exchange.headers["range"] == "bytes=0-0" else {
            return Reply(headers: kept.headers, body: kept.body)
        }
        guard let first = kept.body.first else { return Reply(status: 416) }
        let range = ("content-range", "bytes 0-0/\(kept.body.count)")
        return Reply(status: 206, headers: kept.headers + [range], body: [first])
    }
}

extension Exchange {
    var path: String { String(target.prefix { $0 != "?" }) }

    /// The parameters of the query, as they stand there.
    var query: [String: String] {
        var found: [String: String] = [:]
        let text = target.drop { $0 != "?" }.dropFirst()
        for part in text.split(separator: "&") {
            let name = part.prefix { $0 != "=" }
            found[String(name)] = String(part.dropFirst(name.count + 1))
        }
        return found
    }

    /// Which of some parameters are not there.
    func lacks(_ parameters: [String]) -> [String] { parameters.filter { query[$0] == nil } }
}

/// A watched folder, a cloud's server, and everything real between them.
struct Cloud: ~Copyable {
    let inbox = Inbox()
    let server: StoreServer
    let objects: CloudServer
    let uploader: Uploader
    let prover: LinkProof
    let dialect: StoreDialect
    private let signer: any URLSigner

    init(
        _ objects: CloudServer,
        _ dialect: StoreDialect,
        signer: (Endpoint) throws -> any URLSigner
    ) throws {
        self.objects = objects
        self.dialect = dialect
        server = StoreServer { exchange, _ in objects.answer(exchange) }
        let endpoint = Endpoint(isSecure: false, host: "127.0.0.1", port: server.port)
        self.signer = try signer(endpoint)
        let place = StorePlace(
            store: "media",
            bucket: "files",
            endpoint: endpoint,
            dialect: dialect
        )
        let channel = testChannel(place)
        uploader = Uploader(
            channel: channel,
            memory: MemoryBudget(bytes: 32 << 20),
            endpoint: EndpointMemory()
        )
        prover = LinkProof(channel: channel)
    }

    deinit { server.stop() }

    /// Sends a file as a job would.
    func upload(_ bytes: [UInt8], onExists: OnExists = .fail) async throws -> (Job, Outcome) {
        let file = inbox.write(FileName("a b.pdf"), bytes)
        var job = try job(file, onExists: onExists)
        job.key = ObjectKey("\(job.id)/a b.pdf")
        let signer = signer
        return (job, await uploader.upload(job, signer: { try signer.presign($0, at: $1.now) }))
    }

    /// The link of a job, as it would be published.
    func link(_ job: Job, _ receipt: Receipt) throws -> SignedURL {
        let request = dialect.link(job, receipt: receipt, lifetime: 3_600)
        return try signer.presign(request, at: testNow).url
    }
}

/// The MD5 of bytes, as headers carry it.
func md5(_ bytes: [UInt8]) -> String { Array(Insecure.MD5.hash(data: bytes)).base64 }
