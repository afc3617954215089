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
    /// When the key that signs ends, if it is a temporary one; no URL works for longer.
    var keyEnd: Timestamp?

    /// Finds out, as its form tells: the scheme of a provider, or a store of the configuration.
    init(_ target: String, _ place: PlaceOptions, _ common: CommonOptions) async throws {
        let environment = common.environment
        do {
            switch String(target.prefix { $0 != ":" }) {
            case "s3" where target.hasPrefix("s3://"):
                let place = try await S3Place(target, place, environment)
                (signer, key, keyEnd) = (place.signer, place.key, place.keyEnd)
            case "gs" where target.hasPrefix("gs://"):
                let place = try GooglePlace(target, place, environment)
                (signer, key) = (place.signer, place.key)
            case "az" where target.hasPrefix("az://"):
                let place = try AzurePlace(target, place, environment)
                (signer, key) = (place.signer, place.key)
            case "https", "http":
                let place = try CloudFrontPlace(target, place, environment)
                (signer, key, query) = (place.signer, place.key, place.query)
            case target:
                throw CommandFailure.usage(
                    "\"\(target)\" is no target; write s3://bucket/key or store:key"
                )
            case let name:
                try place.require(
                    only: [],
                    for: "a store of the configuration, which brings its own"
                )
                (signer, keyEnd) = try await Self.signer(of: String(name), common)
                key = ObjectKey(String(target.dropFirst(name.count + 1)))
            }
        } catch let error as CredentialError {
            throw CommandFailure.failed("\(error)")
        } catch let error as SignError {
            throw CommandFailure.failed("\(error)")
        } catch let error as EndpointError {
            throw CommandFailure.usage("\(error)")
        } catch let error as InspectionError {
            throw CommandFailure.usage("\(error)")
        }
    }

    /// Who signs the links of a store of the configuration, and until when.
    private static func signer(
        of name: String,
        _ common: CommonOptions
    ) async throws -> (any URLSigner, Timestamp?) {
        let access = try access(to: name, common)
        let now = WallClock.now()
        do {
            return (try await access.links(at: now), try await access.linkKeyEnd(at: now))
        } catch {
            throw CommandFailure.failed(error.message)
        }
    }

    /// What tells a link of a store of the configuration from another.
    static func verificationKey(
        of name: String,
        _ common: CommonOptions
    ) async throws -> VerificationKey {
        let access = try access(to: name, common)
        do {
            return try await access.linkVerificationKey(at: WallClock.now())
        } catch {
            throw CommandFailure.failed(error.message)
        }
    }

    private static func access(to name: String, _ common: CommonOptions) throws -> StoreAccess {
        let configuration = try common.load()
        guard let store = configuration.stores[name] else {
            let known = configuration.stores.keys.sorted().joined(separator: ", ")
            throw CommandFailure.usage("there is no store \"\(name)\"; there are: \(known)")
        }
        return StoreAccess(store, state: configuration.state, environment: common.environment)
    }
}
