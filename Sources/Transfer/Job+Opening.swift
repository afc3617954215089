// SPDX-License-Identifier: Apache-2.0
internal import Jobs

extension Job {
    /// Opens the job's file to be sent, if it is still as it had settled and no rule holds it.
    ///
    /// Whatever is asked is asked of the open descriptor: behind the name there may be another file
    /// by the next moment. Its bytes are hashed and sent from this descriptor too.
    ///
    /// - Throws: `SourceError`, or the `Failure` that holds the job.
    func open() throws -> SourceFile {
        let source = try file.open()
        if let obstacle = obstacle(source.facts) { throw obstacle }
        return source
    }

    /// Throws the `Failure` that holds the job when its file begins like a secret.
    func requireNoSecret(_ head: ArraySlice<UInt8>) throws {
        if let obstacle = obstacle(head: head) { throw obstacle }
    }

    /// Throws when other bytes are to be sent than the key says, which holds their digest.
    func requireKey(of digests: Digests) throws(SourceError) {
        guard template.key.needsDigest else { return }
        let digest = Array(digests.sha256.hex.utf8)
        let isNamed = key.bytes.indices.contains { key.bytes[$0...].starts(with: digest) }
        if !isNamed { throw .changed }
    }
}
