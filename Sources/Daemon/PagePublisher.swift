// SPDX-License-Identifier: Apache-2.0

import Jobs
import Logging
import Publish
import Synchronization
import Transfer

/// Keeps one form of a manifest published in a store, and the link to it in a file beside the manifest.
///
/// The object is replaced after each change of the form, so that its link always shows the newest. A
/// new link is made when half of the old one's life is over, or when the old one would lead elsewhere
/// or be signed by another key.
final class PagePublisher: Sendable {
    /// The least time between two uploads that went well.
    private static let pause = Span.seconds(10)
    private static let pausesAfterFailure = (first: Span.seconds(15), longest: Span.seconds(300))

    private let sink: String
    private let form: PublishedForm
    /// The form beside the manifest.
    private let source: String
    private let file: PageLinkFile
    private let stores: StoreTable
    private let logger: Logger
    private let bell = Bell()
    private let state = Mutex(State())

    private struct State {
        /// Counts how often the form was written.
        var written = 0
        /// Why it cannot be published, if it cannot.
        var problem: String?
    }

    /// Prepares to publish a form of the manifest at `path`.
    init(
        _ form: PublishedForm,
        of sink: String,
        at path: String,
        stores: StoreTable,
        logger: Logger
    ) {
        self.sink = sink
        self.form = form
        source = ManifestSettings.file(form.format, beside: path)
        file = PageLinkFile(besideManifest: path)
        self.stores = stores
        self.logger = logger
    }

    /// Why the page is not as it should be, for people.
    var problem: String? { state.withLock { $0.problem } }

    /// Notes that the form was written anew.
    func formWasWritten() {
        state.withLock { $0.written += 1 }
        bell.ring()
    }

    /// Works until the task is cancelled.
    ///
    /// - Parameter isProven: Whether a link is fetched before it is told.
    func run(isProven: @Sendable () -> Bool) async {
        var stored = (number: 0, receipt: Receipt?.none)
        var failures: Int64 = 0
        while !Task.isCancelled {
            let number = state.withLock { $0.written }
            var renewal: Span?
            var pause = Self.pause
            do throws(Failure) {
                if stored.number != number {
                    stored = (number, try await upload())
                }
                if let receipt = stored.receipt {
                    renewal = try await keepLink(receipt, isProven())
                }
                failures = 0
                tell(nil)
            } catch {
                if Task.isCancelled { return }
                failures += 1
                let doubled = Self.pausesAfterFailure.first.nanoseconds << min(failures - 1, 8)
                pause = min(Span(nanoseconds: doubled), Self.pausesAfterFailure.longest)
                tell(error)
            }
            try? await Task.sleep(for: pause.duration)
            // A due time is wall clock, and that may be set while we sleep.
            if failures == 0 { await bell.wait(atMost: renewal.map { min($0, .seconds(3_600)) }) }
        }
    }

    private func store() throws(Failure) -> Store {
        guard let store = stores[form.store] else {
            throw Failure(
                .hold,
                code: "no-store",
                message: "store \(form.store) is not in the configuration any more; put it back"
            )
        }
        return store
    }

    private func upload() async throws(Failure) -> Receipt {
        let name = FileName(String(source[source.index(after: source.lastSlash)...]))
        let template = Template(
            name: sink,
            watch: "",
            store: form.store,
            key: .usual,
            publish: []
        )
        let page = Job.page(
            named: name,
            key: form.key,
            type: form.format.mediaType,
            like: template
        )
        return try await store().upload(try Document(path: source), as: page)
    }

    /// Makes a link where the one there is cannot be kept; returns how long the present one is kept.
    private func keepLink(
        _ receipt: Receipt,
        _ isProven: Bool
    ) async throws(Failure) -> Span {
        let store = try store()
        let now = store.now.wholeSecond
        let new = try await store.link(to: form.key, from: now, until: now + form.expiresIn)
        if let kept = file.read(),
            let left = KeptPageLink.timeLeft(of: kept, like: new.url, at: now)
        {
            return left
        }
        if isProven,
            let failure = await store.prover.prove(new.url, of: form.key, receipt: receipt)
        {
            throw failure
        }
        do throws(PublishError) {
            try file.write(new.url)
        } catch {
            throw error.failure
        }
        logger.info(
            "a page has a new link: `presignd links --pages` shows it",
            metadata: ["sink": "\(sink)", "until": "\(new.expiresAt.rfc3339)"]
        )
        return KeptPageLink.timeLeft(of: new.url, like: new.url, at: now) ?? Self.pause
    }

    /// Says a trouble once, until it is over or another.
    private func tell(_ failure: Failure?) {
        let text = failure.map {
            "the page of sink \(sink) is not up to date in store \(form.store): \($0)"
        }
        let before = state.withLock { state in
            defer { state.problem = text }
            return state.problem
        }
        if let text, text != before { logger.error("\(text)") }
        if text == nil, before != nil {
            logger.notice("the page of sink \(sink) is up to date again")
        }
    }
}

extension String {
    /// Where the last slash of an absolute path stands.
    fileprivate var lastSlash: Index { lastIndex(of: "/") ?? startIndex }
}
