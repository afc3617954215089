// SPDX-License-Identifier: Apache-2.0
import Crypto
import Jobs
import Objects
import Synchronization

@testable import Transfer

/// A store that takes uploads in parts, kept in memory; what goes wrong is the test's.
final class PartServer: Sendable {
    struct State {
        var begun = 0
        var uploads: [String: [Int: [UInt8]]] = [:]
        var objects: [String: [UInt8]] = [:]
        var ids: [String: String] = [:]
        /// `begin`, `part 3`, `complete`, `abort`, `list`, `head`, in the order they came.
        var log: [String] = []
    }

    /// Says whether a request goes wrong instead of being done; the answer, or a closed connection.
    enum Trouble {
        case reply(Reply)
        case lostAnswer
        case closed
    }

    private let state = Mutex(State())
    private let knowsChecksums: Bool
    private let trouble: @Sendable (String, Int) -> Trouble?

    init(
        knowsChecksums: Bool = true,
        trouble: @escaping @Sendable (String, Int) -> Trouble? = { _, _ in nil }
    ) {
        self.knowsChecksums = knowsChecksums
        self.trouble = trouble
    }

    var log: [String] { state.withLock { $0.log } }
    /// Whether it has these objects and no others; not their bytes, which would fill a report.
    func holds(_ objects: [[UInt8]]) -> Bool {
        state.withLock { Array($0.objects.values) == objects }
    }

    var unfinished: Int { state.withLock { $0.uploads.count } }

    /// Forgets an upload, as a lifecycle rule does.
    func forgetUploads() { state.withLock { $0.uploads = [:] } }

    func answer(_ exchange: Exchange) -> Reply? {
        let body = exchange.body()
        let target = exchange.target.split(separator: "?", maxSplits: 1).map(String.init)
        let path = target[0]
        var query: [String: String] = [:]
        for item in (target.count > 1 ? target[1] : "").split(separator: "&") {
            let pair = item.split(separator: "=", maxSplits: 1).map(String.init)
            query[pair[0]] = pair.count > 1 ? pair[1] : ""
        }
        let kind = Self.kind(exchange.method, query)
        let count = state.withLock { state in
            state.log.append(kind)
            return state.log.count { $0 == kind }
        }
        switch trouble(kind, count) {
        case .reply(let reply): return reply
        case .closed: return nil
        case .lostAnswer:
            _ = act(kind, path, query, exchange, body)
            return nil
        case nil: return act(kind, path, query, exchange, body)
        }
    }

    private static func kind(_ method: String, _ query: [String: String]) -> String {
        switch (method, query["uploadId"]) {
        case ("POST", nil): "begin"
        case ("PUT", _?): "part \(query["partNumber"] ?? "?")"
        case ("POST", _?): "complete"
        case ("DELETE", _): "abort"
        case ("GET", _?): "list"
        case ("GET", nil): "uploads"
        default: method.lowercased()
        }
    }

    private func act(
        _ kind: String,
        _ path: String,
        _ query: [String: String],
        _ exchange: Exchange,
        _ body: [UInt8]
    ) -> Reply {
        state.withLock { state in
            let id = query["uploadId"] ?? ""
            let isKnown = state.uploads[id] != nil
            switch kind {
            case "begin":
                state.begun += 1
                let id = "upload-\(state.begun)"
                state.uploads[id] = [:]
                state.ids[id] = exchange.headers["x-amz-meta-presignd-id"]
                let text = """
                    <InitiateMultipartUploadResult><UploadId>\(id)</UploadId>\
                    </InitiateMultipartUploadResult>
                    """
                return Reply(body: Array(text.utf8))
            case "uploads":
                let items = state.uploads.keys.sorted().map {
                    "<Upload><Key>key</Key><UploadId>\($0)</UploadId></Upload>"
                }
                let text = items.joined()
                return Reply(
                    body: Array(
                        "<ListMultipartUploadsResult>\(text)</ListMultipartUploadsResult>".utf8
                    )
                )
            case "head":
                guard let object = state.objects[path] else { return Reply(status: 404) }
                return Reply(
                    headers: [
                        ("ETag", "\"whole-2\""), ("content-length", String(object.count)),
                        ("x-amz-meta-presignd-id", state.ids[path] ?? ""),
                    ] + (knowsChecksums ? [Good.checksum(object)] : [])
                )
            case _ where !isKnown:
                return error(404, "NoSuchUpload")
            case "complete":
                if exchange.headers["if-none-match"] == "*", state.objects[path] != nil {
                    return error(412, "PreconditionFailed")
                }
                let whole = (state.uploads[id] ?? [:]).sorted { $0.key < $1.key }.flatMap(\.value)
                state.objects[path] = whole
                state.ids[path] = state.ids[id]
                state.uploads[id] = nil
                let checksum =
                    knowsChecksums
                    ? "<ChecksumCRC64NVME>\(Good.checksum(whole).1)</ChecksumCRC64NVME>" : ""
                return Reply(
                    body: Array(
                        """
                        <CompleteMultipartUploadResult><ETag>"whole-2"</ETag>\(checksum)\
                        </CompleteMultipartUploadResult>
                        """.utf8
                    )
                )
            case "abort":
                state.uploads[id] = nil
                return Reply(status: 204)
            case "list":
                let parts = (state.uploads[id] ?? [:]).sorted { $0.key < $1.key }.map {
                    """
                    <Part><PartNumber>\($0.key)</PartNumber><Size>\($0.value.count)</Size>\
                    <ETag>\(Good.md5($0.value).1)</ETag></Part>
                    """
                }
                let text = parts.joined()
                return Reply(
                    body: Array(
                        "<ListPartsResult><IsTruncated>false</IsTruncated>\(text)</ListPartsResult>"
                            .utf8
                    )
                )
            default:
                guard let number = query["partNumber"].flatMap({ Int($0) }) else {
                    return error(400, "InvalidArgument")
                }
                let sent = exchange.headers["x-amz-checksum-crc64nvme"]
                if knowsChecksums, let sent, sent != Good.checksum(body).1 {
                    return error(400, "BadDigest")
                }
                guard body.count == exchange.length else { return error(400, "IncompleteBody") }
                state.uploads[id]?[number] = body
                return Reply(
                    headers: [Good.md5(body)] + (knowsChecksums ? [Good.checksum(body)] : [])
                )
            }
        }
    }
}

/// A ledger in memory.
final class MemoryLedger: Sendable {
    private let state = Mutex<(upload: PartUpload?, strays: Int)>((nil, 0))

    init(_ upload: PartUpload? = nil) { state.withLock { $0.upload = upload } }

    var upload: PartUpload? { state.withLock { $0.upload } }
    var strays: Int { state.withLock { $0.strays } }

    var ledger: PartLedger {
        PartLedger(
            load: { () throws(Failure) in self.upload },
            save: { upload throws(Failure) in self.state.withLock { $0.upload = upload } },
            finish: { number, part throws(Failure) in
                self.state.withLock { $0.upload?.parts[number] = part }
            },
            noteStray: { _ throws(Failure) in self.state.withLock { $0.strays += 1 } }
        )
    }
}
