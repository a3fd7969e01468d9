/// How many replicas there are to be, by the requests that wait in our queues, and who reads that.
extension KubernetesFiles {
    var podMonitor: String {
        let token = """

                  authorization:
                    type: Bearer
                    credentials:
                      name: \(metricsSecret)
                      key: token
            """
        return """
            apiVersion: monitoring.coreos.com/v1
            kind: PodMonitor
            \(metadata())
            spec:
              selector:
                matchLabels:
            \(labels(indent: 6))
              podMetricsEndpoints:
                - port: http
                  path: /metrics
                  interval: 15s\(deployment.isInsecure ? "" : token)
            """
    }

    private var kind: String { keepsLibrary ? "StatefulSet" : "Deployment" }

    /// Waiting requests of all replicas. The label `pod` comes from how Prometheus found the pod.
    private var query: String {
        let place = options.namespace.map { #"namespace="\#($0)","# } ?? ""
        return #"sum(vllm:num_requests_waiting{\#(place)pod=~"\#(name)-.*"})"#
    }

    var scaledObject: String {
        """
        apiVersion: keda.sh/v1alpha1
        kind: ScaledObject
        \(metadata())
        spec:
          scaleTargetRef:
            apiVersion: apps/v1
            kind: \(kind)
            name: \(name)
          minReplicaCount: \(options.replicas)
          maxReplicaCount: \(options.maxReplicas)
          pollingInterval: 15
          advanced:
            horizontalPodAutoscalerConfig:
              behavior:
        \(behavior(indent: 8))
          triggers:
            - type: prometheus
              # For each replica.
              metricType: AverageValue
              metadata:
                serverAddress: \(Quoting.quoted(options.prometheusAddress))
                query: \(Quoting.quoted(query))
                threshold: "\(options.waitingPerReplica)"
        """
    }

    var autoscaler: String {
        """
        # prometheus-adapter must know the metric: prometheus-adapter-rule.yaml goes into its settings.
        apiVersion: autoscaling/v2
        kind: HorizontalPodAutoscaler
        \(metadata())
        spec:
          scaleTargetRef:
            apiVersion: apps/v1
            kind: \(kind)
            name: \(name)
          minReplicas: \(options.replicas)
          maxReplicas: \(options.maxReplicas)
          metrics:
            - type: Pods
              pods:
                metric:
                  name: vllm_num_requests_waiting
                target:
                  type: AverageValue
                  averageValue: "\(options.waitingPerReplica)"
          behavior:
        \(behavior(indent: 4))
        """
    }

    /// A replica is soon there, and goes late: a model is loaded in seconds, and its cache of prefixes is worth keeping.
    private func behavior(indent: Int) -> String {
        [
            "scaleUp:", "  stabilizationWindowSeconds: 0", "  policies:", "    - type: Pods", "      value: 1",
            "      periodSeconds: 30", "scaleDown:", "  stabilizationWindowSeconds: 300", "  policies:",
            "    - type: Pods", "      value: 1", "      periodSeconds: 120",
        ].map { String(repeating: " ", count: indent) + $0 }.joined(separator: "\n")
    }

    /// For the settings of prometheus-adapter (`rules.custom` of its chart), not for the cluster.
    var adapterRule: String {
        """
        rules:
          custom:
            - seriesQuery: '{__name__="vllm:num_requests_waiting",namespace!="",pod!=""}'
              resources:
                overrides:
                  namespace:
                    resource: namespace
                  pod:
                    resource: pod
              name:
                # A metric of Kubernetes may have no colon in its name.
                matches: "^vllm:num_requests_waiting$"
                as: vllm_num_requests_waiting
              metricsQuery: 'sum(<<.Series>>{<<.LabelMatchers>>}) by (<<.GroupBy>>)'
        """
    }
}
