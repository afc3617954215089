// SPDX-License-Identifier: Apache-2.0

import Jobs

/// Checks that `on_exists: overwrite` loses nothing and that its links can keep what they promise.
struct OverwriteChecks {
    let draft: Draft

    func run() {
        for template in draft.templates where template.value.onExists == .overwrite {
            checkSources(template)
            checkNetwork(template)
        }
    }

    /// Two files of one key end as one object; with both sources gone, one content is lost.
    private func checkSources(_ template: Placed<Template>) {
        let value = template.value
        guard value.after != .keep, !value.key.keepsContentsApart else { return }
        let what = value.after == .delete ? "deleted" : "moved away"
        template.section.report(
            "on_exists",
            "overwrite lets two files of one name end as one object under the key "
                + "\"\(value.key.text)\", and `after:` has both \(what)",
            cure: "put {id}, {path} or {sha256} into key:, or write after: keep"
        )
    }

    /// A network serves what it has in its cache, and passes no version on unless told to.
    private func checkNetwork(_ template: Placed<Template>) {
        let store = draft.stores.first { $0.value.name == template.value.store }
        guard case .s3(let settings)? = store?.value.kind, settings.network != nil else { return }
        template.section.report(
            "on_exists",
            "overwrite has no sure meaning behind the cdn of the store \"\(template.value.store)\", "
                + "which may serve the old object from its cache",
            cure: "write on_exists: fail with {id} in key:, or name a store without cdn"
        )
    }
}
