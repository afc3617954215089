// SPDX-License-Identifier: Apache-2.0
public import Jobs

/// The SHA-256 of a settled file, which is its identity: stat only tells that it may have changed.
public enum SettledDigest: Hashable, Sendable {
    /// The digest of the file, which was as it had settled before and after.
    case sha256([UInt8])
    /// The file is not as it had settled any more.
    case changed
    /// The file is gone.
    case vanished
    /// The file could not be read.
    case failed(Failure)

    /// Reads a file once, from front to back.
    public init(of settled: SettledFile) async {
        do {
            let file = try settled.open()
            file.expectSequentialRead()
            let digests = try await file.hash(withMD5: false)
            try settled.requireUnchanged(file)
            self = .sha256(digests.sha256)
        } catch let error as SourceError {
            self =
                switch error.outcome(of: settled) {
                case .vanished: .vanished
                case .failed(let failure): .failed(failure)
                default: .changed
                }
        } catch {
            self = .failed(.cancelled(settled))
        }
    }
}
