// SPDX-License-Identifier: Apache-2.0

import Jobs
import Sign

extension Gate {
    /// The form that a request brings, or nothing when it is another kind of request.
    ///
    /// - Throws: `Refusal` when it says that it is a form, and nobody could read it.
    func form(in call: Call) throws(Refusal) -> IncomingForm? {
        guard call.method == "POST", call.query.isEmpty else { return nil }
        let (bucket, key) = try split(call.rawPath)
        guard key.isEmpty else { return nil }
        switch FormBoundary(contentType: call.header("content-type")) {
        case .none: return nil
        case .missing: throw .malformedForm
        case .text(let boundary):
            let most = IncomingObject.Request.largest + Int64(2 * IncomingForm.longestFields)
            let length = try IncomingObject.Request.length(call, atMost: most)
            return IncomingForm(bucket: bucket, length: length, boundary: boundary)
        }
    }

    /// Checks the policy of a form first, so that nobody learns anything without one.
    ///
    /// - Throws: `Refusal` when the policy does not grant it, or it is not about an object of this
    ///   store.
    func admit(
        _ form: SubmittedForm,
        in bucket: [UInt8],
        at moment: Timestamp
    ) throws(Refusal) -> FormGrant {
        let grant: FormGrant
        do { grant = try formCheck.check(form, bucket: bucket, now: moment) } catch {
            throw Refusal(error)
        }
        try require(bucket)
        guard !grant.key.bytes.isEmpty else {
            throw Refusal(
                .invalidArgument,
                "User key must have a length greater than 0.",
                details: [Header("ArgumentName", "key"), Header("ArgumentValue", "")]
            )
        }
        try require(key: grant.key.bytes)
        return grant
    }

    /// The URL of an object, without a signature.
    func location(of key: ObjectKey, host: String) -> String {
        let front = publicEndpoint.map { "\($0)" } ?? "http://\(host)"
        let path = PercentText.encode(bucket + [UInt8(ascii: "/")] + key.bytes, keeping: "/")
        return front + "/" + String(decoding: path, as: UTF8.self)
    }
}
