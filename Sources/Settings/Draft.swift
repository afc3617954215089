// SPDX-License-Identifier: Apache-2.0

import Jobs

/// A value that was read, with the section it stands in, so that later checks can point at it.
struct Placed<Value> {
    var value: Value
    var section: Section
}

/// What was read so far: only what is right by itself.
struct Draft {
    /// The folder of `config.yaml`.
    var folder: String
    /// The file itself.
    var config: String
    var section: Section
    var state: String
    var jobs: String
    var limits = Limits()
    var history: Span? = Configuration.usualHistory
    var stores: [Placed<StoreSettings>] = []
    var sinks: [Placed<SinkSettings>] = []
    var templates: [Placed<Template>] = []
    /// The file of each template, by the template's name.
    var templateFiles: [String: String] = [:]
    /// Every name that stands under `stores`, also of those that were reported.
    var storeNames: [String] = []
    /// The same of `sinks`.
    var sinkNames: [String] = []

    var configuration: Configuration {
        Configuration(
            folder: folder,
            state: state,
            jobs: jobs,
            stores: Dictionary(stores.map { ($0.value.name, $0.value) }) { first, _ in first },
            sinks: Dictionary(sinks.map { ($0.value.name, $0.value) }) { first, _ in first },
            limits: limits,
            history: history,
            templates: templates.map(\.value).sorted { $0.name < $1.name },
            templateFiles: templateFiles
        )
    }

    /// Checks how the parts fit together.
    func check(_ findings: Findings) {
        NameChecks(draft: self, findings: findings).run()
        FolderChecks(draft: self, findings: findings).run()
        CardChecks(draft: self, findings: findings).run()
        OverwriteChecks(draft: self).run()
        RetentionChecks(draft: self).run()
        ObjectChecks(draft: self, findings: findings).run()
    }
}
