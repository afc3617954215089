// SPDX-License-Identifier: Apache-2.0

import Control
import Jobs
import Watch

extension Desk {
    /// Walks as `upload` does and says what it would do; nothing is queued, sent or signed.
    func plan(_ order: UploadOrder) async throws -> UploadPlanReport {
        let template = try template(named: order.template)
        guard let store = engine.stores[template.store] else {
            throw OperationError("store \(template.store) is not in the configuration")
        }
        var report = UploadPlanReport(
            template: template.name,
            store: template.store,
            bucket: store.bucket,
            publish: template.publish,
            expiresIn: Int(template.link.expiresIn.seconds)
        )
        let planner = FilePlanner(desk: self, template: template, store: store, again: order.again)
        let rules = FileRules(of: template)
        for path in order.paths {
            guard let bytes = [UInt8](base64: path) else {
                throw OperationError("a path is not in base64")
            }
            for batch in FolderWalk(bytes, rules: rules, watched: template.watch) {
                try Task.checkCancellation()
                report.files += try await plan(batch, planner)
            }
        }
        return report
    }

    private func plan(
        _ batch: FolderWalk.Element,
        _ planner: FilePlanner
    ) async throws -> [PlannedFile] {
        switch batch {
        case .problem(let path, let problem):
            return [PlannedFile(path: path, action: .refuse, reason: problem)]
        case .ignored(let path, let rule):
            let reason = "left out by \(rule); it is taken when it is named itself"
            return [PlannedFile(path: path, action: .ignore, reason: reason)]
        case .files(let found):
            let (theirs, own) = engine.configuration.partition(found)
            let refused = own.map { file in
                PlannedFile(
                    path: NameText.shown(file.path),
                    action: .refuse,
                    reason: Self.isOwn,
                    size: file.stamp.size
                )
            }
            return refused + (try await planner.plan(theirs.map { seen($0, planner.template) }))
        }
    }
}
