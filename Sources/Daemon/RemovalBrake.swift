// SPDX-License-Identifier: Apache-2.0

import Jobs
import Queue

/// Decides of one template whether files that are gone were taken away on purpose, or by an accident
/// that must not take their links down as well.
///
/// Pure: it is told how many are missing, and when. Once it holds, it holds all that comes, until a
/// person releases it or a look at the whole folder finds nothing missing any more.
struct RemovalBrake: Sendable {
    /// So many removals within `window` are carried out; with one more, none is.
    static let most = 20
    static let window = Span.seconds(60)

    /// What becomes of removals.
    enum Verdict: Hashable, Sendable {
        /// The links are revoked.
        case carriedOut
        /// They are kept; `isNews` when that begins now.
        case held(isNews: Bool)
    }

    /// What a look at files found.
    struct Finding: Hashable, Sendable {
        /// Files that are gone and have a link.
        var missing: Int
        /// Files that are there.
        var present: Int
        /// Whether every file that is known was looked at, since the latest of `turns`.
        var isWhole: Bool
        /// Those that are gone, as far as they are listed.
        var names: Set<FileName> = []
    }

    /// What must outlive the process; nothing while removals are carried out as they come.
    private(set) var stored: RemovalHold?
    /// What is held.
    var hold: RemovalHold? { stored?.state == .held ? stored : nil }
    /// Whether a person wants what was held to be carried out, until a whole look that began later has
    /// found it all.
    var isReleased: Bool { stored?.state == .released }
    /// How often a person or the folder changed what missing files mean: a look that began before
    /// says nothing whole about what is so now.
    private(set) var turns = 0
    /// Whether the folder was seen with what belongs into it, since the start.
    private var wasSeen = false
    private var carriedOut: [(at: Timestamp, files: Int, names: Set<FileName>)] = []

    init(stored: RemovalHold? = nil) { self.stored = stored }

    /// The folder went away; what is missed when it is back may have gone with it.
    ///
    /// It ends a release: what a person let go was what was missed then.
    mutating func folderLeft(at now: Timestamp) {
        turns += 1
        guard hold == nil else { return }
        stored = RemovalHold(state: .away, reason: .folderAway, files: 0, since: now)
    }

    /// A person wants what is held to be carried out.
    mutating func release() {
        turns += 1
        stored?.state = .released
    }

    /// Nothing is to be carried out any more: what was let go is held again.
    mutating func holdAgain() {
        guard isReleased else { return }
        turns += 1
        stored?.state = .held
    }

    /// Forgets what is held.
    mutating func drop() {
        turns += 1
        stored = nil
    }

    /// Decides about what a look found.
    mutating func judge(_ found: Finding, at now: Timestamp) -> Verdict {
        if let released = stored, released.state == .released, found.missing > 0 {
            return judge(found, under: released, at: now)
        }
        carriedOut.removeAll { $0.at + Self.window <= now || $0.at > now }
        // A walk and a look at hinted names may both come upon a removal, which counts once.
        let known = carriedOut.reduce(into: Set()) { $0.formUnion($1.names) }
        let names = found.names.subtracting(known)
        var found = found
        found.missing -= found.names.count - names.count
        let wasSeenBefore = wasSeen
        if found.present > 0 || found.isWhole && found.missing == 0 { wasSeen = true }
        guard found.missing > 0 else {
            // All are back, or nothing was missed in the first place.
            if found.isWhole { stored = nil }
            return .carriedOut
        }
        if let held = hold {
            stored?.files = found.isWhole ? found.missing : max(held.files, found.missing)
            // What came back since was away.
            if held.reason == .allGone, found.present > 0 { stored?.reason = .folderAway }
            return .held(isNews: false)
        }
        let recent = carriedOut.reduce(0) { $0 + $1.files }
        let reason: RemovalHold.Reason? =
            if stored?.state == .away {
                .folderAway
            } else if found.isWhole, found.present == 0, found.missing > 1 || !wasSeenBefore {
                .allGone
            } else if recent + found.missing > Self.most {
                .tooMany
            } else {
                nil
            }
        guard let reason else {
            carriedOut.append((now, found.missing, names))
            return .carriedOut
        }
        stored = RemovalHold(reason: reason, files: found.missing, since: now)
        return .held(isNews: true)
    }

    /// A person let go what was held then, and not all that may be missed later: a mount may have been
    /// lost since.
    private mutating func judge(
        _ found: Finding,
        under released: RemovalHold,
        at now: Timestamp
    ) -> Verdict {
        let isEmpty = found.isWhole && found.present == 0
        guard found.missing <= released.files + (isEmpty ? 0 : Self.most) else {
            stored = RemovalHold(
                reason: isEmpty ? .allGone : .tooMany,
                files: found.missing,
                since: now
            )
            return .held(isNews: true)
        }
        // Not all are listed where they are many.
        let left = (found.isWhole ? found.missing : released.files) - found.names.count
        stored?.files = max(left, 0)
        if found.isWhole, left <= 0 { stored = nil }
        return .carriedOut
    }
}

extension RemovalHold {
    /// What is held, why, and what to do, for people.
    func sentence(template: String) -> String {
        let files = files == 1 ? "1 file is" : "\(files.grouped) files are"
        if state == .released {
            return
                "template \(template): \(files) missed, and a person let that go, so their links are "
                + "revoked as soon as presignd runs; putting the files back before keeps them"
        }
        let why =
            switch reason {
            case .tooMany:
                "more than \(RemovalBrake.most) were taken away within a minute"
            case .folderAway: "the folder itself was away"
            case .allGone: "not one that was known is there"
            }
        return "template \(template): \(files) missed, and \(why), so their links are kept; "
            + "`presignd release \(template)` revokes them (on_remove), putting the files back keeps "
            + "them"
    }
}
