// SPDX-License-Identifier: Apache-2.0

import Jobs

/// Checks that what names another thing names one that is there, and that no two are the same.
struct NameChecks {
    let draft: Draft
    let findings: Findings

    func run() {
        for template in draft.templates {
            check(template.value.store, draft.storeNames, "store", of: template.section)
            for sink in template.value.publish {
                check(sink, draft.sinkNames, "publish", of: template.section)
            }
        }
        checkTemplateNames()
        checkSinks()
        checkPages()
        checkLocalStores()
    }

    private func check(_ name: String, _ known: [String], _ key: String, of section: Section) {
        guard !known.contains(name) else { return }
        let kind = key == "store" ? "store" : "sink"
        let list = known.isEmpty ? "none" : known.joined(separator: ", ")
        section.report(
            key,
            "there is no \(kind) \"\(name)\" in \(draft.section.place.file)",
            cure: "\(Spelling.hint(for: name, among: known))set up there: \(list)"
        )
    }

    private func checkTemplateNames() {
        var first: [String: Placed<Template>] = [:]
        for template in draft.templates {
            guard let other = first.updateValue(template, forKey: template.value.name) else {
                continue
            }
            template.section.report(
                "name",
                "\"\(template.value.name)\" is also the name of the template in "
                    + other.section.place.file,
                cure: "give each its own; the name is part of every file's identity"
            )
        }
    }

    private func checkSinks() {
        var first: [RealPath: String] = [:]
        for sink in draft.sinks {
            guard let (key, path) = sink.value.place else { continue }
            let settings = sink.value.manifest
            var files = [path] + settings.keptForms.map { ManifestSettings.file($0, beside: path) }
            if settings.publishTo != nil {
                files.append(ManifestSettings.pageLinkFile(beside: path))
            }
            for file in files {
                guard let other = first.updateValue(sink.value.name, forKey: RealPath(file)) else {
                    continue
                }
                let isFile = key == "path"
                sink.section.report(
                    file == path ? key : "formats",
                    file == path
                        ? "is the \(isFile ? "file" : "folder") of the sink \"\(other)\" too"
                        : "would be kept in \(file), which is a file of the sink \"\(other)\" too",
                    cure: file == path
                        ? "give each sink a \(isFile ? "file" : "folder") of its own"
                        : "give each sink a folder of its own"
                )
            }
        }
    }

    private func checkPages() {
        var first: [PublishedForm.Place: String] = [:]
        for sink in draft.sinks {
            guard let form = sink.value.manifest.publishTo,
                let section = sink.section.section("publish_to")
            else { continue }
            check(form.store, draft.storeNames, "store", of: section)
            if let other = first.updateValue(sink.value.name, forKey: form.place) {
                section.report(
                    "key",
                    "\(form.key) in store \"\(form.store)\" is the page of the sink \"\(other)\" too",
                    cure: "give each page a key of its own"
                )
            }
            checkPage(form, section)
        }
    }

    /// A page replaces what is under its key, and has the links of everybody: no file may get that key.
    private func checkPage(_ form: PublishedForm, _ section: Section) {
        let other = draft.templates.map(\.value).first {
            $0.store == form.store && $0.key.mayGive(form.key)
        }
        guard let other else { return }
        section.report(
            "key",
            "\(form.key) may become the key of a file of the template \"\(other.name)\" too "
                + "(key: \"\(other.key.text)\"), whose link would show the page then",
            cure:
                "have the template's keys begin with {id} or with a folder of their own, or publish "
                + "to another store"
        )
    }

    private func checkLocalStores() {
        let stores = draft.stores.compactMap { store in
            if case .local(let settings) = store.value.kind { (store, settings) } else { nil }
        }
        for (index, (store, settings)) in stores.enumerated() {
            let address = ListenAddress(host: settings.host, port: settings.port)
            for (other, otherSettings) in stores[..<index] {
                if RealPath(settings.folder).overlaps(RealPath(otherSettings.folder)) {
                    store.section.report(
                        "folder",
                        "is, holds or lies in the folder of the store \"\(other.value.name)\"",
                        cure: "give each store a folder of its own"
                    )
                }
                let taken = ListenAddress(host: otherSettings.host, port: otherSettings.port)
                if address.clashes(with: taken) {
                    store.section.report(
                        "listen",
                        "is the address of the store \"\(other.value.name)\" too",
                        cure: "give each store a port of its own, such as "
                            + "listen: \"127.0.0.1:\(min(taken.port + 1, 65_535))\""
                    )
                }
            }
        }
    }
}

extension SinkSettings {
    /// What it writes to, and under which key that stands.
    fileprivate var place: (key: String, path: String)? {
        switch kind {
        case .manifest(let path): ("path", path)
        case .cards(let folder): ("folder", folder)
        case .webhook, .command, .standardOutput: nil
        }
    }
}
