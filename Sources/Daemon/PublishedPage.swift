// SPDX-License-Identifier: Apache-2.0

public import Jobs
import Publish

/// A manifest that is published, with the link to it as far as there is one.
public struct PublishedPage: Sendable {
    /// The sink's name.
    public var sink: String
    /// What is published, and where.
    public var form: PublishedForm
    /// The link; nothing before the first was made.
    public var url: SignedURL?

    /// The published manifests of a configuration, by name.
    ///
    /// Their links are read where they are kept, beside the manifests, so no daemon has to be asked.
    public static func all(of configuration: Configuration) -> [PublishedPage] {
        configuration.sinks.values.sorted { $0.name < $1.name }.compactMap { sink in
            guard case .manifest(let path) = sink.kind, let form = sink.manifest.publishTo else {
                return nil
            }
            let url = PageLinkFile(besideManifest: path).read()
            return PublishedPage(sink: sink.name, form: form, url: url)
        }
    }
}
