// SPDX-License-Identifier: Apache-2.0

import Jobs

/// Checks that cards get a folder of their own, and that no two files share a card.
struct CardChecks {
    let draft: Draft
    let findings: Findings

    func run() {
        for sink in draft.sinks {
            guard case .cards(let folder) = sink.value.kind else { continue }
            checkFolder(folder, of: sink)
            checkSharing(of: sink)
        }
    }

    private func checkFolder(_ folder: String, of sink: Placed<SinkSettings>) {
        let real = RealPath(folder)
        var others = [
            ("the state folder", draft.state), ("the jobs folder", draft.jobs),
        ]
        for store in draft.stores {
            guard case .local(let settings) = store.value.kind else { continue }
            others.append(
                ("the objects folder of the store \"\(store.value.name)\"", settings.folder)
            )
        }
        for (what, path) in others where real.overlaps(RealPath(path)) {
            sink.section.report(
                "folder",
                "\(folder) and \(what) (\(path)) lie in each other",
                cure: "give the cards a folder of their own, such as ./links"
            )
        }
    }

    /// A card has the path of its file beneath the watched folder, which may come up in another.
    private func checkSharing(of sink: Placed<SinkSettings>) {
        let name = sink.value.name
        var first: Template?
        for template in draft.templates where template.value.publish.contains(name) {
            guard let first else {
                first = template.value
                continue
            }
            guard RealPath(first.watch) != RealPath(template.value.watch) else { continue }
            return findings.warn(
                sink.section.place("folder"),
                "the templates \"\(first.name)\" and \"\(template.value.name)\" both put cards there, "
                    + "so files of one path in the two watched folders share a card",
                cure: "give each template a cards sink of its own, where paths may be the same"
            )
        }
    }
}
