// SPDX-License-Identifier: Apache-2.0

import Glibc
import Jobs

/// Checks that watched folders hold nothing but what is to be sent, compared after symbolic links.
struct FolderChecks {
    let draft: Draft
    let findings: Findings

    /// A path that must not lie in a watched folder, because its files would be uploaded.
    private struct Guarded {
        var what: String
        var path: String
        /// Whether a folder inside it must not be watched either.
        var isWritten: Bool
        var real: RealPath

        init(what: String, path: String, isWritten: Bool) {
            self.what = what
            self.path = path
            self.isWritten = isWritten
            real = RealPath(path)
        }
    }

    func run() {
        let roots = draft.templates.map { ($0, RealPath($0.value.watch)) }
        let guarded = guarded()
        for (index, (template, root)) in roots.enumerated() {
            checkRoot(template)
            for other in guarded { check(other, in: root, of: template) }
            for (second, secondRoot) in roots[..<index] where root.overlaps(secondRoot) {
                checkOverlap(template, second)
            }
            checkArchive(template)
        }
        checkObjects()
        checkManifests()
    }

    private func guarded() -> [Guarded] {
        var all = [
            Guarded(what: "the state folder", path: draft.state, isWritten: true),
            Guarded(what: "the jobs folder", path: draft.jobs, isWritten: false),
            Guarded(what: "the configuration", path: draft.config, isWritten: false),
        ]
        for sink in draft.sinks {
            let name = sink.value.name
            switch sink.value.kind {
            case .manifest(let path):
                let what = "the manifest of the sink \"\(name)\""
                all.append(Guarded(what: what, path: path, isWritten: false))
            case .cards(let folder):
                let what = "the cards of the sink \"\(name)\""
                all.append(Guarded(what: what, path: folder, isWritten: true))
            case .webhook(let settings):
                let what = "a secret of the sink \"\(name)\""
                all += settings.secretFiles.map {
                    Guarded(what: what, path: $0, isWritten: false)
                }
            case .command, .standardOutput:
                break
            }
        }
        for store in draft.stores {
            guard case .local(let settings) = store.value.kind else { continue }
            let what = "the objects folder of the store \"\(store.value.name)\""
            all.append(Guarded(what: what, path: settings.folder, isWritten: true))
        }
        for template in draft.templates {
            guard case .archive(let path) = template.value.after else { continue }
            let what = "the archive of the template \"\(template.value.name)\""
            all.append(Guarded(what: what, path: path, isWritten: true))
        }
        return all + secrets()
    }

    /// The files that hold keys.
    private func secrets() -> [Guarded] {
        draft.stores.flatMap { store in
            let what = "a credentials file of the store \"\(store.value.name)\""
            return store.value.secretFiles.map {
                Guarded(what: what, path: $0, isWritten: false)
            }
        }
    }

    private func check(_ other: Guarded, in root: RealPath, of template: Placed<Template>) {
        if root.contains(other.real) {
            template.section.report(
                "watch",
                "\(other.what) (\(other.path)) lies in this watched folder and would be uploaded",
                cure: "move one of the two"
            )
        } else if other.isWritten, other.real.contains(root) {
            template.section.report(
                "watch",
                "lies in \(other.what) (\(other.path)), which presignd writes to itself",
                cure: "move one of the two"
            )
        }
    }

    /// A missing folder is no error: it may be a mount that comes later.
    private func checkRoot(_ template: Placed<Template>) {
        let path = template.value.watch
        guard let status = Self.status(path) else {
            guard errno == ENOENT || errno == ENOTDIR else { return }
            findings.warn(
                template.section.place("watch"),
                "the folder \(path) does not exist",
                cure: "create it or mount what belongs there; presignd never makes it"
            )
            return
        }
        if status.st_mode & S_IFMT != S_IFDIR {
            template.section.report("watch", "\(path) is not a folder", cure: "name a folder")
        }
    }

    private func checkOverlap(_ template: Placed<Template>, _ other: Placed<Template>) {
        guard template.value.after != .keep || other.value.after != .keep else { return }
        template.section.report(
            "watch",
            "overlaps the folder of the template \"\(other.value.name)\" "
                + "(\(other.section.place("watch").short)), and not both keep their files",
            cure: "watch separate folders, or write after: keep in both"
        )
    }

    private func checkArchive(_ template: Placed<Template>) {
        guard case .archive(let path) = template.value.after else { return }
        if let status = Self.status(path), status.st_mode & S_IFMT != S_IFDIR {
            template.section.report("after", "\(path) is not a folder", cure: "name a folder")
        }
        guard let root = Self.status(template.value.watch),
            let archive = Self.nearestStatus(path), root.st_dev != archive.st_dev
        else { return }
        template.section.report(
            "after",
            "the archive \(path) is on another file system than \(template.value.watch), so a file "
                + "cannot be moved there in one step",
            cure: "name a folder beside the watched one"
        )
    }

    /// An object's key must never name one of our own files.
    private func checkObjects() {
        for store in draft.stores {
            guard case .local(let settings) = store.value.kind else { continue }
            let folder = RealPath(settings.folder)
            let archives = draft.templates.map(\.value.after).contains {
                if case .archive(let path) = $0 { folder.contains(RealPath(path)) } else { false }
            }
            let own = [draft.state, draft.jobs, draft.config].contains {
                folder.contains(RealPath($0))
            }
            let manifests = draft.sinks.contains {
                if case .manifest(let path) = $0.value.kind {
                    folder.contains(RealPath(path))
                } else {
                    false
                }
            }
            guard own || archives || manifests else { continue }
            store.section.report(
                "folder",
                "holds other files of presignd (state, jobs, configuration, a manifest or an archive)",
                cure: "give the objects a folder of their own, such as ./objects"
            )
        }
    }

    /// A manifest beside the queue's database could be that, and one among the templates is read as one.
    private func checkManifests() {
        for sink in draft.sinks {
            guard case .manifest(let path) = sink.value.kind else { continue }
            for (what, folder) in [("state", draft.state), ("jobs", draft.jobs)]
            where RealPath(folder).contains(RealPath(path)) {
                sink.section.report(
                    "path",
                    "\(path) lies in the \(what) folder (\(folder))",
                    cure: "give manifests a folder of their own, such as ./links"
                )
            }
        }
    }

    private static func status(_ path: String) -> stat? {
        var status = stat()
        return unsafe stat(path, &status) == 0 ? status : nil
    }

    /// The status of the path or of the nearest folder above it that exists.
    private static func nearestStatus(_ path: String) -> stat? {
        var path = path
        while true {
            if let status = status(path) { return status }
            guard path != "/" else { return nil }
            path = PathText.clean(path + "/..")
        }
    }
}
