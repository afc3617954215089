// SPDX-License-Identifier: Apache-2.0
internal import Jobs

/// What a dialect has to say; the rest is the same for all and stands in `StoreAnswer`.
protocol DialectRules: Sendable {
    var words: DialectWords { get }
    var largestPut: Int64 { get }
    var asksForMD5: Bool { get }
    var consent: Integrity { get }
    /// The query parameter that pins a version in a GET; nothing where that has no meaning.
    var versionParameter: String? { get }

    /// What is stored on the object, as headers of the request that makes it.
    func objectHeaders(_ plan: UploadPlan) -> [Header]
    func put(
        _ plan: UploadPlan,
        size: Int64,
        checksum: BodyChecksum?,
        guarded: Bool
    ) -> ObjectRequest
    func head(_ key: ObjectKey) -> ObjectRequest

    /// What the headers of a good answer say about the object.
    func object(in answer: StoreAnswer) -> StoredObject
    /// The error that an answer carries, or nothing.
    func error(in answer: StoreAnswer) -> StoreError?
    /// Whether the answer to a guarded PUT says that there is an object already.
    func isKeyTaken(_ answer: StoreAnswer, _ error: StoreError) -> Bool
    /// Whether the answer says that there is no such object.
    func isMissing(_ answer: StoreAnswer, _ error: StoreError) -> Bool
    /// Which optional header the store refuses; the outer nothing: the answer does not say so.
    func refusal(in answer: StoreAnswer, _ error: StoreError) -> OptionalHeader??
    /// What kind of trouble an error is, where this dialect has a word of its own for it.
    func kind(of error: StoreError, in answer: StoreAnswer) -> ErrorKind?
    /// What to do about a kind of trouble, where that is not the same for all.
    func cure(of kind: ErrorKind, _ error: StoreError, in answer: StoreAnswer) -> String?
}

/// What is so for most.
extension DialectRules {
    func error(in answer: StoreAnswer) -> StoreError? { StoreError(answer.body) }

    func isKeyTaken(_ answer: StoreAnswer, _ error: StoreError) -> Bool {
        answer.status == 412 || error.code == "PreconditionFailed"
    }

    func isMissing(_ answer: StoreAnswer, _ error: StoreError) -> Bool {
        switch error.code {
        case "NoSuchKey", "NoSuchVersion", "NotFound": true
        case "": answer.status == 404
        default: false
        }
    }

    func refusal(in answer: StoreAnswer, _ error: StoreError) -> OptionalHeader?? { nil }
}
