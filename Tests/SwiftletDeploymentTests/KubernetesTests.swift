import Foundation
import SwiftletDeployment
import Testing
import Yams

struct KubernetesTests {
    private func objects(_ deployment: Deployment) throws -> [String: Node] {
        try Examples.files(.kubernetes, deployment).mapValues { try Examples.yaml($0) }
    }

    /// Ports, probes, limits, rights and labels of the pods, in every form.
    @Test(arguments: Examples.all.indices) func pods(_ example: Int) throws {
        let deployment = try Examples.all[example]()
        let objects = try objects(deployment)
        let workload = try #require(objects["statefulset.yaml"] ?? objects["deployment.yaml"])
        let pod = try #require(workload.at("spec.template.spec"))
        let server = try #require(pod.at("containers.0"))
        let size = deployment.size
        #expect(server.text("resources.limits.memory") == "\(size.limitMebibytes)Mi")
        #expect(server.text("resources.requests.memory") == "\(size.requestMebibytes)Mi")
        #expect(server.text("resources.limits.cpu") == String(deployment.cores))
        #expect(server.text("ports.0.containerPort") == "11434" && server.text("ports.0.name") == "http")
        let words = try Examples.words(server.at("args"))
        #expect(words.contains("--memory") && words[words.firstIndex(of: "--port")! + 1] == "11434")

        #expect(pod.text("securityContext.runAsNonRoot") == "true" && pod.text("securityContext.runAsUser") == "10001")
        #expect(pod.text("securityContext.seccompProfile.type") == "RuntimeDefault")
        #expect(pod.text("automountServiceAccountToken") == "false" && pod.text("enableServiceLinks") == "false")
        let containers =
            Array(try #require(pod.at("containers")?.sequence)) + Array(pod.at("initContainers")?.sequence ?? [])
        #expect(containers.count == (deployment.supply == .pull ? 2 : 1))
        let volumes =
            try #require(pod.at("volumes")?.sequence).map { $0.text("name") }
            + (workload.at("spec.volumeClaimTemplates")?.sequence ?? []).map { $0.text("metadata.name") }
        for container in containers {
            #expect(container.text("securityContext.readOnlyRootFilesystem") == "true")
            #expect(container.text("securityContext.allowPrivilegeEscalation") == "false")
            #expect(try Examples.words(container.at("securityContext.capabilities.drop")) == ["ALL"])
            #expect(container.text("resources.limits.memory") != nil)
            for mount in try #require(container.at("volumeMounts")?.sequence) {
                #expect(volumes.contains(mount.text("name")))
            }
        }
        let grace = try #require(pod.text("terminationGracePeriodSeconds").flatMap { Int($0) })
        #expect(grace > deployment.drainSeconds + 5)

        for object in objects.values where object.text("kind") != nil && object.text("kind") != "Kustomization" {
            if object.text("kind") != "Namespace" {
                #expect(object.text("metadata.namespace") == deployment.kubernetes.namespace)
            }
        }
        let labels = try #require(workload.at("spec.template.metadata.labels"))
        for path in [
            "service.yaml: spec.selector", "networkpolicy.yaml: spec.podSelector.matchLabels",
            "poddisruptionbudget.yaml: spec.selector.matchLabels",
        ] {
            let parts = path.split(separator: ": ")
            #expect(objects[String(parts[0])]?.at(String(parts[1])) == labels, "\(path)")
        }
        #expect(workload.at("spec.selector.matchLabels") == labels)
        #expect(objects["service.yaml"]?.text("spec.ports.0.targetPort") == "http")
        #expect(objects["networkpolicy.yaml"]?.text("spec.ingress.0.ports.0.port") == "http")
    }

    /// Probes ask what the server answers, and what it answers without a key.
    @Test func probesAreRoutes() throws {
        let pod = try #require(try objects(Examples.deployment())["statefulset.yaml"]?.at("spec.template.spec"))
        let probes = ["startupProbe", "readinessProbe", "livenessProbe"]
        let paths = try probes.map { try #require(pod.text("containers.0.\($0).httpGet.path")) }
        #expect(paths == ["/ready", "/ready", "/health"])
        let sources = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "Sources/SwiftletServer")
        let routes = try ["Routes.swift", "Routes+APIs.swift"].map {
            try String(contentsOf: sources.appending(path: $0), encoding: .utf8)
        }.joined()
        for path in paths { #expect(routes.contains("Route(.get, \"\(path)\", .open,"), "\(path)") }
        #expect(routes.contains("Route(.get, \"/metrics\","))
        for probe in probes { #expect(pod.text("containers.0.\(probe).httpGet.port") == "http") }
    }

    @Test func theListHasWhatTheClusterGets() throws {
        let deployment = try Examples.deployment {
            ($0.kubernetes.autoscaling, $0.kubernetes.hasMonitor) = (.adapter, true)
        }
        let objects = try objects(deployment)
        let listed = Set(try Examples.words(objects["kustomization.yaml"]?.at("resources")))
        #expect(listed == Set(objects.keys).subtracting(["kustomization.yaml", "prometheus-adapter-rule.yaml"]))
        #expect(objects["horizontalpodautoscaler.yaml"]?.text("spec.scaleTargetRef.kind") == "StatefulSet")
        #expect(objects["statefulset.yaml"]?.at("spec.replicas") == nil)
        #expect(objects["podmonitor.yaml"]?.text("spec.podMetricsEndpoints.0.authorization.credentials.key") == "token")
        let rule = try #require(objects["prometheus-adapter-rule.yaml"])
        #expect(
            rule.text("rules.custom.0.name.as")
                == objects["horizontalpodautoscaler.yaml"]?.text("spec.metrics.0.pods.metric.name"))
    }

    @Test func whatNeedsNoNetworkGetsNone() throws {
        for supply in [Deployment.Supply.bake, .byHand] {
            let objects = try objects(Examples.deployment { $0.supply = supply })
            #expect(objects["networkpolicy.yaml"]?.at("spec.egress")?.sequence?.isEmpty == true)
        }
        let objects = try objects(Examples.deployment())
        #expect(objects["networkpolicy.yaml"]?.at("spec.egress")?.sequence?.count == 2)
    }

    @Test func volumes() throws {
        #expect(try objects(Examples.deployment())["statefulset.yaml"] != nil)
        #expect(try objects(Examples.deployment { $0.kubernetes.isEphemeral = true })["deployment.yaml"] != nil)
        let keda = try objects(
            Examples.deployment { ($0.kubernetes.isEphemeral, $0.kubernetes.autoscaling) = (true, .keda) })
        #expect(keda["scaledobject.yaml"]?.text("spec.scaleTargetRef.kind") == "Deployment")
        #expect(
            keda["scaledobject.yaml"]?.text("spec.triggers.0.metadata.query")
                == #"sum(vllm:num_requests_waiting{pod=~"swiftlet-.*"})"#)
    }
}
