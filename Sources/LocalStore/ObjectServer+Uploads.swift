// SPDX-License-Identifier: Apache-2.0

import Jobs

extension ObjectServer {
    /// Lists the uploads under way whose keys begin with a prefix, by key and then by id.
    func listUploads(_ call: Call) throws -> Answer {
        for name in ["delimiter"] where call.parameter(name).map({ !$0.isEmpty }) ?? false {
            throw HeaderPolicy.notImplemented("Parameter", name)
        }
        let encoding = call.parameter("encoding-type")
        guard encoding == nil || encoding == "url" else {
            throw Refusal(.invalidArgument, "Invalid Encoding Method specified in Request")
        }
        func shown(_ bytes: [UInt8]) -> String {
            let text = encoding == nil ? bytes : PercentText.encode(bytes, keeping: "/")
            return String(decoding: text, as: UTF8.self)
        }
        let prefix = Array((call.parameter("prefix") ?? "").utf8)
        let most = min(try MultipartCall.count(call, "max-uploads") ?? 1_000, MultipartCall.page)
        let marker = Array((call.parameter("key-marker") ?? "").utf8)
        let idMarker = call.parameter("upload-id-marker") ?? ""
        let found = try folder.uploads()
            .filter { $0.record.key.bytes.starts(with: prefix) }
            .filter { Self.isAfter($0.record.key.bytes, "\($0.id)", marker, idMarker) }
            .sorted {
                let (left, right) = ($0.record.key.bytes, $1.record.key.bytes)
                return left == right
                    ? "\($0.id)" < "\($1.id)" : left.lexicographicallyPrecedes(right)
            }
        let page = found.prefix(most)
        var elements = [
            Header("Bucket", String(decoding: gate.bucket, as: UTF8.self)),
            Header("KeyMarker", shown(marker)), Header("UploadIdMarker", idMarker),
            Header("Prefix", shown(prefix)), Header("MaxUploads", "\(most)"),
            Header("IsTruncated", "\(page.count < found.count)"),
        ]
        if let encoding { elements.append(Header("EncodingType", encoding)) }
        if let last = page.last, page.count < found.count {
            elements.append(Header("NextKeyMarker", shown(last.record.key.bytes)))
            elements.append(Header("NextUploadIdMarker", "\(last.id)"))
        }
        let rows = page.map { upload in
            [
                Header("Key", shown(upload.record.key.bytes)),
                Header("UploadId", "\(upload.id)"),
                Header("Initiated", upload.record.modified.rfc3339),
                Header("StorageClass", "STANDARD"),
            ]
        }
        return xml("ListMultipartUploadsResult", elements, list: "Upload", rows: Array(rows))
    }

    /// Without an id, a marker stands for all uploads of its key.
    private static func isAfter(
        _ key: [UInt8],
        _ id: String,
        _ marker: [UInt8],
        _ idMarker: String
    ) -> Bool {
        if marker.isEmpty || marker.lexicographicallyPrecedes(key) { return true }
        return key == marker && !idMarker.isEmpty && id > idMarker
    }
}
