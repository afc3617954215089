// SPDX-License-Identifier: Apache-2.0

import Credentials
import Daemon
import Jobs
import Settings
import Sign

/// What a target on the command line means: who signs, for which object.
struct PresignTarget {
    let signer: any URLSigner
    let key: ObjectKey
    /// Parameters that the target has already.
    var query: [QueryItem] = []

    /// Finds out, as its form tells: `s3://`, or a store of the configuration.
    init(_ target: String, _ place: PlaceOptions, _ common: CommonOptions) throws {
        do {
            if target.hasPrefix("s3://") {
                let place = try S3Place(target, place, common.environment)
                (signer, key) = (place.signer, place.key)
            } else {
                let name = target.prefix { $0 != ":" }
                guard name.endIndex < target.endIndex else {
                    throw CommandFailure.usage(
                        "\"\(target)\" is no target; write s3://bucket/key or store:key"
                    )
                }
                try place.require(
                    only: [],
                    for: "a store of the configuration, which brings its own"
                )
                signer = try Self.signer(of: String(name), common)
                key = ObjectKey(String(target.dropFirst(name.count + 1)))
            }
        } catch let error as CredentialError {
            throw CommandFailure.failed("\(error)")
        } catch let error as EndpointError {
            throw CommandFailure.usage("\(error)")
        }
    }

    /// Who signs the links of a store of the configuration.
    static func signer(of name: String, _ common: CommonOptions) throws -> any URLSigner {
        let configuration = try common.load()
        guard let store = configuration.stores[name] else {
            let known = configuration.stores.keys.sorted().joined(separator: ", ")
            throw CommandFailure.usage("there is no store \"\(name)\"; there are: \(known)")
        }
        let access = StoreAccess(
            store,
            state: configuration.state,
            environment: common.environment
        )
        do {
            return try access.links()
        } catch {
            throw CommandFailure.failed(error.message)
        }
    }
}
