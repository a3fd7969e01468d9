/// The server in a cluster: an object a file, and the list of them for `kubectl apply -k`.
struct KubernetesFiles {
    let deployment: Deployment

    init(_ deployment: Deployment) throws(DeploymentError) {
        try deployment.kubernetes.check()
        self.deployment = deployment
    }

    var options: KubernetesOptions { deployment.kubernetes }
    var name: String { deployment.name }
    /// What each replica keeps: a claim of its own, or no more than the pod.
    var keepsLibrary: Bool { !options.isEphemeral && deployment.supply != .bake }
    var needsNetwork: Bool { deployment.supply == .pull }
    var keySecret: String { "\(name)-keys" }
    var metricsSecret: String { "\(name)-metrics" }

    var all: [DeploymentFile] {
        let objects = self.objects
        let paths = objects.filter(\.isApplied).map(\.file.path)
        return [DeploymentFile("kustomization.yaml", kustomization(paths))] + objects.map(\.file)
    }

    private struct Object {
        let file: DeploymentFile
        /// Whether the cluster gets it; else it is for somebody else's settings.
        var isApplied = true
    }

    private var objects: [Object] {
        func object(_ path: String, _ text: String) -> Object {
            Object(file: DeploymentFile(path, Quoting.comment(deployment.heading) + "\n" + text + "\n"))
        }
        var objects: [Object] = []
        if let namespace = options.namespace { objects.append(object("namespace.yaml", self.namespace(namespace))) }
        objects.append(object("serviceaccount.yaml", serviceAccount))
        objects.append(
            keepsLibrary ? object("statefulset.yaml", workload) : object("deployment.yaml", workload))
        objects.append(object("service.yaml", service))
        objects.append(object("networkpolicy.yaml", networkPolicy))
        objects.append(object("poddisruptionbudget.yaml", disruptionBudget))
        if options.hasMonitor { objects.append(object("podmonitor.yaml", podMonitor)) }
        switch options.autoscaling {
        case .none: break
        case .keda: objects.append(object("scaledobject.yaml", scaledObject))
        case .adapter:
            objects.append(object("horizontalpodautoscaler.yaml", autoscaler))
            var rule = object("prometheus-adapter-rule.yaml", adapterRule)
            rule.isApplied = false
            objects.append(rule)
        }
        return objects
    }

    /// `metadata` of an object, without its first line; every one has the labels that find it.
    func metadata(_ suffix: String = "") -> String {
        var lines = ["metadata:", "  name: \(name)\(suffix)"]
        if let namespace = options.namespace { lines.append("  namespace: \(namespace)") }
        return (lines + ["  labels:", labels(indent: 4)]).joined(separator: "\n")
    }

    /// The labels that services, policies and budgets choose pods by.
    func labels(indent: Int) -> String {
        [
            "app.kubernetes.io/name: swiftlet", "app.kubernetes.io/instance: \(name)",
        ].map { String(repeating: " ", count: indent) + $0 }.joined(separator: "\n")
    }

    private func kustomization(_ paths: [String]) -> String {
        var lines = deployment.heading + [""]
        lines += [
            "1. The image, in a checkout of Swiftlet, with the files of `swiftlet deploy docker` for the same model:",
            "     docker build -f deploy/Dockerfile -t \(deployment.image) . && docker push \(deployment.image)",
        ]
        if pullImage != deployment.image {
            lines.append(
                "     docker build -f deploy/Dockerfile -t \(pullImage) --target pull . && docker push \(pullImage)")
        }
        let inNamespace = options.namespace.map { " -n \($0)" } ?? ""
        if options.namespace != nil { lines.append("     kubectl apply -f namespace.yaml") }
        if !deployment.isInsecure {
            lines += [
                "2. API keys; the file has only their SHA-256, and pods wait until the Secret is there:",
                "     swiftlet key add app --file keys.json",
                "     kubectl create secret generic \(keySecret)\(inNamespace) --from-file=keys.json",
                "   Later changes reach running pods within a minute or so: kubectl create … --dry-run=client -o yaml | kubectl apply -f -",
            ]
            if options.hasMonitor {
                lines += [
                    "   A key for Prometheus, which may only look (add it to keys.json before the Secret is made):",
                    "     swiftlet key add prometheus --role read-only --file keys.json > token",
                    "     kubectl create secret generic \(metricsSecret)\(inNamespace) --from-file=token",
                ]
            }
        }
        lines.append("Then: kubectl apply -k .")
        return Quoting.comment(lines) + """

            apiVersion: kustomize.config.k8s.io/v1beta1
            kind: Kustomization
            resources:
            \(paths.map { "  - \($0)" }.joined(separator: "\n"))

            """
    }

    var pullImage: String {
        deployment.supply == .pull && DockerFiles(deployment).hasPullStage
            ? DockerFiles.pullImage(deployment.image) : deployment.image
    }
}
