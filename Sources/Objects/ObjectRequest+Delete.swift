// SPDX-License-Identifier: Apache-2.0
public import Jobs

extension ObjectRequest {
    /// Removes an object; every kind of store is asked in the same way.
    public static func delete(_ key: ObjectKey) -> ObjectRequest {
        ObjectRequest(.delete, key, lifetime: UploadPlan.lifetime)
    }
}
