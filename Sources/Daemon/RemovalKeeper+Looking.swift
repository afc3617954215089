// SPDX-License-Identifier: Apache-2.0

import Jobs
import Logging
import Queue
import Synchronization

/// What a look at the files found.
extension RemovalKeeper {
    /// Begins a look; nothing where links outlive their files.
    ///
    /// What was let go there and is not carried out needs a person anew, should the template change
    /// back.
    func look(at template: Template, isWhole: Bool) async throws(QueueError) -> Looking? {
        guard template.retention.onRemove == .revoke else {
            let wasReleased = state.withLock { state in
                let wasReleased = state.brakes[template.name]?.isReleased ?? false
                state.brakes[template.name]?.holdAgain()
                return wasReleased
            }
            if wasReleased { try await store(template.name) }
            return nil
        }
        let turns = state.withLock { $0.brakes[template.name]?.turns ?? 0 }
        return Looking(template: template, isWhole: isWhole, turns: turns)
    }

    /// Takes names that are missing, while their folder is there.
    ///
    /// - Returns: Those that no link is left of, so that nothing has to be decided.
    func take(
        _ names: [FileName],
        _ looking: inout Looking
    ) async throws(QueueError) -> [FileName] {
        let template = looking.template
        var rest: [FileName] = []
        var missing: [FileName] = []
        for name in names {
            if try await isUnderWay(name, template) {
                // Its link may be about to be made.
                hint([name], template: template.name)
            } else if try await links(of: name, template).isEmpty {
                rest.append(name)
            } else {
                missing.append(name)
            }
        }
        // A folder and a file in it may both have been hinted at.
        for name in missing where !looking.missing.contains(name) {
            looking.count += 1
            if looking.missing.count < Self.mostNames { looking.missing.insert(name) }
        }
        return rest
    }

    /// Ends a look: the links are revoked, or held.
    ///
    /// - Parameters:
    ///   - looking: The look.
    ///   - stillMissing: Looks once more, since a whole look takes its time.
    /// - Throws: `QueueError`, and what `stillMissing` throws.
    func end(
        _ looking: Looking,
        stillMissing: ([FileName]) async throws -> [FileName]
    ) async throws {
        let template = looking.template
        var names = looking.missing.sorted()
        if !names.isEmpty {
            // A walk may come by between the two steps of an editor, as a hint may not.
            if looking.isWhole { try await Task.sleep(for: Self.grace.duration) }
            names = try await stillMissing(names)
        }
        let back = looking.missing.count - names.count
        let (verdict, before, after) = state.withLock { state in
            var brake = state.brakes[template.name] ?? RemovalBrake()
            let before = brake.stored
            let found = RemovalBrake.Finding(
                missing: looking.count - back,
                present: looking.present + back,
                isWhole: looking.isWhole && looking.turns == brake.turns,
                names: Set(names)
            )
            let verdict = brake.judge(found, at: now())
            state.brakes[template.name] = brake
            return (verdict, before, brake.stored)
        }
        switch verdict {
        case .carriedOut:
            // The orders first: after a crash between the two, a release is carried out once more.
            try await revoke(names, of: template)
            if after != before { try await store(template.name) }
            // More than are listed: the next look finds the others.
            if after?.state == .released, !names.isEmpty { lookAtAll(of: template.name) }
        case .held(let isNews):
            if after != before { try await store(template.name) }
            guard isNews, let hold = after else { return }
            logger.error("\(hold.sentence(template: template.name))")
            bell.ring()
        }
    }

    private func revoke(_ names: [FileName], of template: Template) async throws(QueueError) {
        for name in names {
            let links = try await links(of: name, template)
            _ = try await queue.order(.removal, of: links, at: now())
            // A file that comes back is a new one, though nothing of it has changed.
            for findings in [Findings(missing: [name]), Findings(gone: [name])] {
                try await queue.note(
                    findings,
                    template: template.name,
                    root: template.watch,
                    at: now()
                )
            }
            logger.info(
                "its file was taken away, so its link is revoked",
                metadata: ["template": "\(template.name)", "path": "\(name)"]
            )
        }
        if !names.isEmpty { onOrdered() }
    }

    /// The links of a file that nothing ended but time, while their objects are there.
    private func links(
        of name: FileName,
        _ template: Template
    ) async throws(QueueError) -> [UniqueID] {
        try await queue.links(LinkFilter(template: template.name, name: name), limit: 1_000)
            .filter { $0.ended == nil || $0.ended == .expired && !$0.isGone }
            .filter { $0.job.file.root == template.watch }.map(\.link.id)
    }

    private func isUnderWay(
        _ name: FileName,
        _ template: Template
    ) async throws(QueueError) -> Bool {
        try await queue.jobs(JobFilter(template: template.name, name: name), limit: 8)
            .contains { $0.state == .waiting || $0.state == .running }
    }
}

extension Findings {
    fileprivate init(missing: [FileName] = [], gone: [FileName] = []) {
        self.init()
        self.missing = missing
        self.gone = gone
    }
}
