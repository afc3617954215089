// SPDX-License-Identifier: Apache-2.0
internal import HTTP
internal import Jobs
internal import Objects

extension StoreChannel {
    /// Sends a request without a body, as `send` does; being cancelled is a failure like any other.
    ///
    /// - Throws: `Failure`; with the code `cancelled` when the task was cancelled in a pause.
    func ask(
        _ request: ObjectRequest,
        _ signer: Signer,
        subject: @autoclosure () -> String,
        isTagged: Bool = true,
        answerTimeout: Duration? = nil,
        longestAnswer: Int? = nil,
        for deed: Deed = .upload
    ) async throws(Failure) -> StoreReply {
        do {
            return try await send(
                request,
                .none,
                signer,
                subject: subject(),
                isTagged: isTagged,
                answerTimeout: answerTimeout,
                longestAnswer: longestAnswer,
                for: deed
            )
        } catch let failure as Failure {
            throw failure
        } catch {
            throw Failure(.retry, code: "cancelled", message: "\(error)")
        }
    }
}
