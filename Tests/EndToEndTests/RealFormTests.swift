// SPDX-License-Identifier: Apache-2.0

import Foundation
import Jobs
import Sign
import Testing

@Suite("Upload forms on real S3 servers that check policies")
struct RealFormTests {
    @Test(
        "take a file of every size between the bounds, and none beyond",
        arguments: RealStore.all.filter(\.takesForms)
    )
    func sizes(store: RealStore) throws {
        try store.createBucket("forms")
        let policy = PostPolicy(
            .prefix(ObjectKey("in/é +&/")),
            contentType: "text/plain",
            size: 3...1_000,
            fields: [Header("x-amz-meta-who", "me & \"you\"")],
            lifetime: 60
        )
        let form = try store.form(policy, bucket: "forms")
        for (size, code) in [
            (2, "EntityTooSmall"), (3, nil), (1_000, nil), (1_001, "EntityTooLarge"),
            (200_000, "EntityTooLarge"),
        ] {
            let file = Data((0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31) })
            let answer = try post(form, file, name: "f\(size) b.txt")
            let text = String(decoding: answer.body, as: UTF8.self)
            let get = try store.url("GET", bucket: "forms", key: "in/é +&/f\(size) b.txt")
            let object = try Program.curl(get)
            if let code {
                #expect(answer.status == 400 && text.contains(code), "\(answer.status) \(text)")
                #expect(object.status == 404)
            } else {
                #expect(answer.status == 204, "\(text)")
                #expect(object.status == 200 && object.body == file)
            }
        }
        let get = try store.url("GET", bucket: "forms", key: "in/é +&/f3 b.txt")
        let headers = try Program.run("/usr/bin/curl", ["-sS", "-D", "-", "-o", "/dev/null", get])
        #expect(headers.output.lowercased().contains("content-type: text/plain"))
        #expect(headers.output.contains("me & \"you\""))
    }

    @Test(
        "refuse another name, another field, a changed policy and the time after",
        arguments: RealStore.all.filter(\.takesForms)
    )
    func refusals(store: RealStore) throws {
        try store.createBucket("forms")
        let policy = PostPolicy(.prefix(ObjectKey("in/")), size: 0...10, lifetime: 60)
        let form = try store.form(policy, bucket: "forms")
        let file = Data("x".utf8)
        func status(
            _ form: SignedForm,
            _ change: (FormField) -> FormField = { $0 },
            more: [FormField] = []
        ) throws -> Int {
            let fields = form.reveal().map(change) + more
            let changed = SignedForm(url: form.url, fields: fields, expiresAt: form.expiresAt)
            return try post(changed, file, name: "a").status
        }
        func replacing(_ name: String, by value: String) throws -> Int {
            try status(form) { $0.name == name ? FormField(name, value) : $0 }
        }
        #expect(try status(form) == 204)
        #expect(try replacing("key", by: "out/a") == 403)
        let past = try store.form(policy, bucket: "forms", at: Date() - 120)
        #expect(try status(past) == 403, "a form that has expired")
        // LocalStack 4.2 looks at conditions and expiry only: neither at the signature of a form nor
        // at fields that no condition names.
        guard store.name != "LOCALSTACK" else { return }
        #expect(try replacing("x-amz-signature", by: String(repeating: "0", count: 64)) == 403)
        let other = try store.form(
            PostPolicy(.prefix(ObjectKey("")), size: 0...10, lifetime: 60),
            bucket: "forms"
        )
        let wider = try #require(other.reveal().first { $0.name == "policy" })
        #expect(try replacing("policy", by: String(decoding: wider.value, as: UTF8.self)) == 403)
        let extra = try status(form, more: [FormField("x-amz-meta-b", "c")])
        #expect(extra == 403, "a field that the policy does not know")
    }

    /// Sends a form as its curl line does.
    private func post(
        _ form: SignedForm,
        _ file: Data,
        name: String
    ) throws -> (status: Int, body: Data) {
        let path = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        defer { try? FileManager.default.removeItem(at: path) }
        try file.write(to: path)
        let fields = form.reveal().flatMap { field in
            ["--form-string", "\(field.name)=\(String(decoding: field.value, as: UTF8.self))"]
        }
        return try Program.curl(form.url, fields + ["-F", "file=@\(path.path);filename=\(name)"])
    }
}

extension RealStore {
    /// Whether the server knows POST policies.
    fileprivate var takesForms: Bool { name != "SWIFT" }

    fileprivate func form(
        _ policy: PostPolicy,
        bucket: String,
        at date: Date = Date()
    ) throws -> SignedForm {
        let signer = SigV4Signer(
            endpoint: try Endpoint(endpoint),
            style: .path,
            bucket: bucket,
            region: region,
            key: AccessKey(id: accessKey, secret: Secret(secretKey))
        )
        return try signer.form(
            for: policy,
            at: Timestamp(seconds: Int64(date.timeIntervalSince1970))
        )
    }
}
