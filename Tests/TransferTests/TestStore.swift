// SPDX-License-Identifier: Apache-2.0
import CLinux
import Crypto
import HTTP
import Jobs
import Objects

@testable import Transfer

/// A scripted store, a watched folder and an uploader between them.
struct TestStore: ~Copyable {
    let inbox = Inbox()
    let server: StoreServer
    let http: HTTPClient
    let memory = EndpointMemory()
    let uploader: Uploader

    init(_ script: @escaping StoreServer.Script) {
        server = StoreServer(script)
        http = HTTPClient(HTTPOptions())
        uploader = Uploader(
            channel: testChannel(place(port: server.port), http: http),
            memory: MemoryBudget(bytes: 32 << 20),
            endpoint: memory
        )
    }

    deinit { server.stop() }

    func upload(
        _ file: SettledFile,
        onExists: OnExists = .fail,
        key: ObjectKey = ObjectKey("key"),
        sent: SentBytes = SentBytes()
    ) async throws -> Outcome {
        var job = try job(file, onExists: onExists)
        job.key = key
        return await uploader.upload(job, signer: signer(port: server.port), sent: sent)
    }
}

/// A channel that tries once: what becomes of a bad moment is for `StoreChannelTests`.
func testChannel(
    _ place: StorePlace,
    http: HTTPClient = HTTPClient(HTTPOptions()),
    policy: RequestPolicy = RequestPolicy(attempts: 1)
) -> StoreChannel {
    StoreChannel(
        http: http,
        place: place,
        now: { testNow },
        policy: policy,
        pause: { _ in await Task.yield() }
    )
}

let testNow = Timestamp(seconds: 1_795_456_800)

func place(port: Int) -> StorePlace {
    StorePlace(
        store: "media",
        bucket: "bucket",
        endpoint: Endpoint(isSecure: false, host: "127.0.0.1", port: port)
    )
}

func job(_ file: SettledFile, onExists: OnExists = .fail) throws -> Job {
    Job(
        id: UniqueID(at: testNow, random: (1, 2)),
        template: Template(
            name: "inbox",
            watch: file.root,
            store: "media",
            key: try KeyTemplate("{id}/{path}"),
            onExists: onExists,
            publish: ["links"]
        ),
        file: file,
        key: ObjectKey("key"),
        queuedAt: testNow
    )
}

func signer(port: Int, signature: String = "secret") -> Signer {
    { request, _ in
        var url = Array("http://127.0.0.1:\(port)/bucket/".utf8)
        url += request.key.bytes
        url += "?X-Amz-Signature=\(signature)".utf8
        return SignedRequest(method: request.method, url: SignedURL(url), headers: request.headers)
    }
}

/// The headers of a good answer, as stores differ in them.
enum Good {
    static func crc64nvme(_ bytes: [UInt8]) -> UInt64 {
        unsafe bytes.withUnsafeBytes { unsafe cs_crc64nvme_portable(0, $0.baseAddress, $0.count) }
    }

    static func checksum(_ bytes: [UInt8]) -> (String, String) {
        ("x-amz-checksum-crc64nvme", UploadPlan.checksumText(crc64nvme(bytes)))
    }

    static func md5(_ bytes: [UInt8]) -> (String, String) {
        ("ETag", "\"\(Array(Insecure.MD5.hash(data: bytes)).hex)\"")
    }

    static let opaque = ("ETag", "\"0123-opaque\"")
}

extension Outcome {
    var receipt: Receipt? {
        if case .uploaded(let receipt) = self { receipt } else { nil }
    }

    var failure: Failure? {
        switch self {
        case .failed(let failure), .keyTaken(let failure): failure
        default: nil
        }
    }
}

func error(_ status: Int, _ code: String, _ message: String = "") -> Reply {
    let text = "<Error><Code>\(code)</Code><Message>\(message)</Message></Error>"
    return Reply(status: status, body: Array(text.utf8))
}

/// Bytes without a pattern that a checksum could miss.
func noise(_ count: Int) -> [UInt8] {
    var state: UInt64 = 88_172_645_463_325_252
    return (0..<count).map { _ in
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return UInt8(truncatingIfNeeded: state)
    }
}
