// SPDX-License-Identifier: Apache-2.0

import Hummingbird
import Jobs
import NIOCore
import NIOPosix
import Sign

extension ObjectServer {
    /// Takes a form in and makes its file an object, if the policy in it grants that.
    ///
    /// The fields come first and decide; from then on a file that gets too large is given up at
    /// once, whatever the client still sends.
    func receive(
        _ form: inout IncomingForm,
        of call: Call,
        from body: inout IncomingBody
    ) async throws -> (ObjectKey, Answer) {
        let submitted = try await form.fields(from: &body)
        let grant = try gate.admit(submitted, in: form.bucket, at: now())
        let request = try IncomingObject.Request(grant)
        let most = min(grant.size.upperBound, IncomingObject.Request.largest)
        let room = try await reserve(min(form.length, most))
        var writer = BodyWriter(on: disk) { [folder] in try folder.begin(request) }
        var size: Int64 = 0
        while let bytes = try await form.fileBytes(from: &body) {
            size += Int64(bytes.readableBytes)
            guard size <= most else { throw Refusal.tooLarge(atLeast: size, most: most) }
            try await writer.append(bytes)
        }
        guard size >= grant.size.lowerBound else {
            throw Refusal.tooSmall(size, least: grant.size.lowerBound)
        }
        try await form.finish(from: &body)
        let record = try await writer.commit(at: now())
        // The room counts as taken until the file is among the others.
        withExtendedLifetime(room) {}
        let place = gate.location(of: grant.key, host: call.header("host") ?? "")
        return (grant.key, FormAnswer(submitted, record, bucket: gate.bucket, at: place).answer)
    }
}

extension Refusal {
    fileprivate static func tooLarge(atLeast size: Int64, most: Int64) -> Refusal {
        Refusal(
            .entityTooLarge,
            "Your proposed upload exceeds the maximum allowed size",
            details: [Header("ProposedSize", "\(size)"), Header("MaxSizeAllowed", "\(most)")]
        )
    }

    fileprivate static func tooSmall(_ size: Int64, least: Int64) -> Refusal {
        Refusal(
            .entityTooSmall,
            "Your proposed upload is smaller than the minimum allowed size",
            details: [Header("ProposedSize", "\(size)"), Header("MinSizeAllowed", "\(least)")]
        )
    }
}
