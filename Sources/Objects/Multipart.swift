// SPDX-License-Identifier: Apache-2.0
internal import Jobs

/// What S3's form of uploads in parts has in common for all who speak it; Google's XML API does.
enum Multipart {
    static let result = "CompleteMultipartUploadResult"

    static func begin(_ key: ObjectKey, headers: [Header]) -> ObjectRequest {
        request(.post, key, [QueryItem("uploads")], headers)
    }

    static func part(
        _ number: Int,
        of key: ObjectKey,
        upload: String,
        headers: [Header]
    ) -> ObjectRequest {
        let query = [QueryItem("partNumber", String(number)), QueryItem("uploadId", upload)]
        return request(.put, key, query, headers)
    }

    static func complete(
        _ completion: Completion,
        upload: String,
        headers: [Header],
        checksum: (UploadedPart) -> String
    ) -> (ObjectRequest, body: [UInt8]) {
        var body: [UInt8] = []
        body.reserveCapacity(completion.parts.count * 160)
        body += "<CompleteMultipartUpload>".utf8
        for (index, part) in completion.parts.enumerated() {
            body += "<Part><PartNumber>\(index + 1)</PartNumber>".utf8
            body += "<ETag>&quot;\(escaped(part.etag))&quot;</ETag>\(checksum(part))</Part>".utf8
        }
        body += "</CompleteMultipartUpload>".utf8
        let query = [QueryItem("uploadId", upload)]
        return (request(.post, completion.plan.key, query, headers), body)
    }

    static func abort(_ key: ObjectKey, upload: String) -> ObjectRequest {
        request(.delete, key, [QueryItem("uploadId", upload)], [])
    }

    static func parts(of key: ObjectKey, upload: String, after marker: Int) -> ObjectRequest {
        var query = [QueryItem("uploadId", upload)]
        if marker > 0 { query.append(QueryItem("part-number-marker", String(marker))) }
        return request(.get, key, query, [])
    }

    /// A request on the bucket itself; names in the answer are percent-encoded, because XML cannot
    /// hold every byte that a key can.
    static func uploads(of key: ObjectKey) -> ObjectRequest? {
        guard let prefix = String(validating: key.bytes, as: UTF8.self) else { return nil }
        let query = [
            QueryItem("uploads"), QueryItem("prefix", prefix), QueryItem("encoding-type", "url"),
        ]
        return request(.get, ObjectKey(bytes: []), query, [])
    }

    /// Adds to what the headers say what the body of `CompleteMultipartUpload` says.
    static func completed(_ object: StoredObject, in answer: StoreAnswer) -> StoredObject {
        var object = object
        // A store may answer in the headers alone; then this is what the headers said.
        if let values = XMLElements(answer.body, root: result, item: "")?.values,
            let etag = values["ETag"]
        {
            object.etag = StoreAnswer.bare(etag)
        }
        return object
    }

    static func list(in answer: StoreAnswer) -> PartList? {
        guard let found = XMLElements(answer.body, root: "ListPartsResult", item: "Part") else {
            return nil
        }
        var list = PartList()
        for item in found.items {
            guard let number = item["PartNumber"].flatMap({ Int($0) }), number > 0,
                let size = item["Size"].flatMap({ Int64($0) })
            else { return nil }
            list.parts[number] = PartList.Part(
                size: size,
                etag: item["ETag"].map(StoreAnswer.bare)
            )
        }
        if found.values["IsTruncated"] == "true" {
            guard let next = found.values["NextPartNumberMarker"].flatMap({ Int($0) }) else {
                return nil
            }
            list.next = next
        }
        return list
    }

    private static func request(
        _ method: HTTPMethod,
        _ key: ObjectKey,
        _ query: [QueryItem],
        _ headers: [Header]
    ) -> ObjectRequest {
        ObjectRequest(
            method,
            key,
            headers: headers,
            query: query,
            lifetime: UploadPlan.lifetime
        )
    }

    static func escaped(_ text: String) -> String {
        var out = ""
        for character in text.unicodeScalars {
            switch character {
            case "&": out += "&amp;"
            case "<": out += "&lt;"
            case ">": out += "&gt;"
            default: out.unicodeScalars.append(character)
            }
        }
        return out
    }
}
