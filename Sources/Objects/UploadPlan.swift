// SPDX-License-Identifier: Apache-2.0
public import Jobs

/// What is stored of one job's file, however the store wants to be asked.
///
/// A plan is made once per job; each attempt has a request made of it (`StoreDialect`) and signed.
/// This room is pure: requests out, answers in (`StoreAnswer`), no clock, no socket, no key.
public struct UploadPlan: Hashable, Sendable {
    /// Seconds an upload URL works: longer than any upload needs to begin, and no longer.
    public static let lifetime = 900

    /// The object.
    public let key: ObjectKey
    /// The `Content-Type` that is stored on the object.
    public let contentType: String
    /// The `Content-Disposition` that is stored on the object.
    public let contentDisposition: String
    /// The job's id as text.
    public let id: String
    /// Whether the template wants the store to refuse a key that is taken.
    public let guardsKey: Bool

    /// What else is stored on the object, as the template says it.
    let object: ObjectSettings
    /// The values of the tags, in the order of the template.
    private let tags: [Tag]
    /// Metadata by names without a prefix, as headers carry it.
    let metadata: [Header]

    private struct Tag: Hashable {
        var name: String
        var value: [UInt8]
    }

    /// Makes the plan of a job.
    ///
    /// - Parameters:
    ///   - job: The job.
    ///   - head: The first bytes of the file, 4 KiB or all there are; asked for only where the name
    ///     tells no type. Without them the name alone decides.
    public init(_ job: Job, head: @autoclosure () -> [UInt8] = []) {
        let name = job.file.name
        self.init(
            job,
            contentType: job.template.object.contentType
                ?? ContentType.detect(
                    name: name,
                    head: ContentType.isTold(by: name) ? [] : head(),
                    shown: job.template.link.disposition
                )
        )
    }

    /// Makes the plan of a job whose content's type is known.
    init(_ job: Job, contentType: String) {
        let object = job.template.object
        key = job.key
        self.contentType = contentType
        self.object = object
        tags = object.tags.map { Tag(name: $0.name, value: $0.value.value(for: job)) }
        metadata = object.metadata.map {
            Header($0.name, HeaderText.metadata($0.value.value(for: job)))
        }
        contentDisposition = ContentDisposition.value(
            job.template.link.disposition,
            job.file.name
        )
        id = job.id.description
        guardsKey = job.template.onExists != .overwrite
    }
}

extension UploadPlan {
    /// The tags with values that a kind of store takes, as its header; nothing if there are none.
    func tagHeader(by rule: TagText) -> String? {
        guard !tags.isEmpty else { return nil }
        return HeaderText.tags(tags.map { QueryItem($0.name, rule.value($0.value)) })
    }

    /// The metadata as headers whose names begin with a prefix.
    func metadataHeaders(_ prefix: String) -> [Header] {
        metadata.map { Header(prefix + $0.name, $0.value) }
    }
}
