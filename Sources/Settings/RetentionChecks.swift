// SPDX-License-Identifier: Apache-2.0

import Jobs

/// Checks that no rule deletes what nobody has elsewhere, or what others' links lead to.
struct RetentionChecks {
    let draft: Draft

    func run() {
        for template in draft.templates {
            let retention = template.value.retention
            if retention.expireObjectsAfter != nil { checkExpiry(template) }
            if retention.onRemove == .revoke { checkRemoval(template) }
            checkOwner(template)
        }
    }

    /// With its source gone the object is the last copy there is.
    private func checkExpiry(_ template: Placed<Template>) {
        guard template.value.after == .delete, !template.value.retention.lastCopy else { return }
        template.section.report(
            "expire_objects_after",
            "deletes the last copy of a file, since `after: delete` has removed the first",
            cure: "write after: keep or { archive: ./sent }, or last_copy: true if that is meant"
        )
    }

    /// presignd itself takes the file away, which is no wish of anybody to end the link.
    private func checkRemoval(_ template: Placed<Template>) {
        guard template.value.after != .keep else { return }
        let what = template.value.after == .delete ? "deletes" : "moves away"
        template.section.report(
            "on_remove",
            "revoke takes back a link whose file is gone, but `after:` \(what) every file once its "
                + "link is out",
            cure: "write after: keep, or on_remove: keep"
        )
    }

    private func checkOwner(_ template: Placed<Template>) {
        guard template.value.onExists == .skipIfSame else { return }
        let retention = template.value.retention
        let keys = [
            retention.onRemove == .revoke ? "on_remove" : nil,
            retention.expireObjectsAfter == nil ? nil : "expire_objects_after",
        ]
        for key in keys.compactMap(\.self) {
            template.section.report(
                key,
                "would delete objects that presignd found in the store: with `on_exists: "
                    + "skip-if-same` others' links may lead to them",
                cure: "write on_exists: fail with {id} in key:, or leave \(key): out"
            )
        }
    }
}
