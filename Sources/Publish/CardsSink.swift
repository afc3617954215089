// SPDX-License-Identifier: Apache-2.0

public import Jobs
import Synchronization

/// Puts a page beside each file's name, in a folder of their own: for people who drop files over a
/// share and look there for the link.
///
/// `<path>.html` has the link; `<path>.FAILED.txt` says why there is none. Both are of presignd: another
/// file under such a name is neither replaced nor removed. Of two cards for one path the later link
/// wins, in whatever order the events come.
public final class CardsSink: PushSink {
    private let name: String
    private let path: String
    private let taken: TakenPaths
    /// Cards are written one at a time.
    private let turn = Mutex(())

    /// Makes a sink, and its folder (0750, with a `.gitignore` of `*`) where it is missing.
    ///
    /// - Parameters:
    ///   - name: Its name, for failures.
    ///   - folder: The folder of the cards.
    ///   - others: All sinks; a card never takes a name that one of them writes to.
    /// - Throws: `PublishError` when the folder cannot be made.
    init(
        name: String,
        folder: String,
        beside others: some Sequence<SinkSettings> = []
    ) throws(PublishError) {
        self.name = name
        path = folder
        try ManifestFolder.make(above: folder + "/card")
        taken = TakenPaths(beneath: folder, by: others)
    }

    /// Writes, replaces or removes one card.
    public func push(_ notice: Notice, at moment: Timestamp) async -> PushOutcome {
        let fields = NoticeFields(notice)
        // A group has no file of its own, and so no card.
        guard let card = CardName(path: fields["path"], avoiding: taken),
            let mark = CardMark(fields)
        else { return .delivered }
        let result = turn.withLock { _ -> Result<PushOutcome, SystemProblem> in
            do throws(SystemProblem) {
                return .success(try write(card, mark, fields, notice.event))
            } catch {
                return .failure(error)
            }
        }
        switch result {
        case .success(let outcome): return outcome
        case .failure(let problem):
            let message =
                "the card of \(fields.text("path")) cannot be written in \(path): "
                + "\(problem.reason); it is tried again later"
            return .retry(Failure(.retry, code: "cards-io", message: message), after: nil)
        }
    }

    private func write(
        _ card: CardName,
        _ mark: CardMark,
        _ fields: NoticeFields,
        _ event: String
    ) throws(SystemProblem) -> PushOutcome {
        switch event {
        case "link.created", "link.renewed":
            guard let page = CardPage.html(fields, mark: mark),
                let folder = try folder(of: card, making: true)
            else { return .delivered }
            // First the link, then the notice: a person never sees neither.
            guard try replace(card.page, with: page, mark, in: folder) else {
                return foreign(card.page)
            }
            return try remove(card.notice, upTo: mark, in: folder)
        case "upload.failed":
            guard let folder = try folder(of: card, making: true) else { return .delivered }
            // It has its link by now, or a later content has: events may come in any order.
            if case .card(let there) = try folder.look(card.page), there.id >= mark.id {
                return .delivered
            }
            // One line, and no long one: the mark is looked for in the second.
            let shown = NameText.shown(Array(fields.failureText.utf8)).utf8.prefix(4_096)
            let name = String(decoding: fields.name, as: UTF8.self)
            let reason = String(decoding: shown, as: UTF8.self)
            let text = "\(name) has no link: \(reason)\n\(mark.comment)\n"
            let isOurs = try replace(card.notice, with: Array(text.utf8), mark, in: folder)
            return isOurs ? .delivered : foreign(card.notice)
        case "link.expired", "link.revoked", "link.superseded":
            guard let folder = try folder(of: card, making: false) else { return .delivered }
            return try remove(card.page, upTo: mark, in: folder)
        default:
            return .delivered
        }
    }

    /// The folder of a card; nothing when it is missing and not wanted.
    private func folder(of card: CardName, making: Bool) throws(SystemProblem) -> CardFolder? {
        var folder = try CardFolder(path: path)
        for name in card.folders {
            guard let next = try folder.folder(name, making: making) else { return nil }
            folder = next
        }
        return folder
    }

    /// Puts a card unless a later one is there; false when another's file has the name.
    private func replace(
        _ name: [UInt8],
        with bytes: [UInt8],
        _ mark: CardMark,
        in folder: CardFolder
    ) throws(SystemProblem) -> Bool {
        switch try folder.look(name) {
        case .foreign: return false
        case .card(let there) where mark < there: return true
        case .card, .nothing: try folder.put(bytes, under: name)
        }
        return true
    }

    /// Removes a card that is no later than an event.
    private func remove(
        _ name: [UInt8],
        upTo mark: CardMark,
        in folder: CardFolder
    ) throws(SystemProblem) -> PushOutcome {
        if case .card(let there) = try folder.look(name), there <= mark { try folder.remove(name) }
        return .delivered
    }

    private func foreign(_ name: [UInt8]) -> PushOutcome {
        .refused(
            Failure(
                .hold,
                code: "cards-taken",
                message: "\(NameText.shown(name)) in \(path) (sink \(self.name)) is no card of "
                    + "presignd's and was left as it is; move it away"
            )
        )
    }
}
