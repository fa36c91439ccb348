package eureka;

import com.netflix.appinfo.InstanceInfo;
import com.netflix.appinfo.InstanceInfo.InstanceStatus;
import com.netflix.discovery.shared.Application;
import com.netflix.eureka.registry.PeerAwareInstanceRegistry;
import io.envoyproxy.controlplane.cache.v3.SimpleCache;
import io.envoyproxy.controlplane.cache.v3.Snapshot;
import io.envoyproxy.controlplane.server.V3DiscoveryServer;
import io.envoyproxy.envoy.config.core.v3.Address;
import io.envoyproxy.envoy.config.core.v3.SocketAddress;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.endpoint.v3.Endpoint;
import io.envoyproxy.envoy.config.endpoint.v3.LbEndpoint;
import io.envoyproxy.envoy.config.endpoint.v3.LocalityLbEndpoints;
import io.grpc.BindableService;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.scheduling.annotation.Scheduled;

/** Pushes the endpoints of instances to the gateway by Envoy's endpoint discovery service (EDS). */
@Configuration(proxyBeanMethods = false)
class GatewayEndpoints {
  private static final String GATEWAY = "gateway";

  private final PeerAwareInstanceRegistry registry;
  private final SimpleCache<String> cache = new SimpleCache<>(node -> GATEWAY);

  /**
   * Published endpoints by service. A service that loses its last instance stays, with none. One
   * without instances since the start is not published, so that the gateway keeps what it has.
   */
  private Map<String, ClusterLoadAssignment> told = Map.of();

  GatewayEndpoints(PeerAwareInstanceRegistry registry) {
    this.registry = registry;
  }

  @Bean
  BindableService endpointDiscovery() {
    return new V3DiscoveryServer(cache).getEndpointDiscoveryServiceImpl();
  }

  /** Polls the registry, because its events precede the changes and a new status has no event. */
  @Scheduled(fixedDelay = 500)
  void tell() {
    Map<String, ClusterLoadAssignment> endpoints = new TreeMap<>(told);
    endpoints.replaceAll((service, known) -> assignment(service, List.of()));
    for (Application application : registry.getSortedApplications()) {
      String service = application.getName().toLowerCase(Locale.ROOT);
      endpoints.put(service, assignment(service, application.getInstances()));
    }
    if (!endpoints.equals(told)) {
      told = endpoints;
      String version = Instant.now().toString();
      cache.setSnapshot(
          GATEWAY,
          Snapshot.create(List.of(), told.values(), List.of(), List.of(), List.of(), version));
    }
  }

  private static ClusterLoadAssignment assignment(String service, List<InstanceInfo> instances) {
    LocalityLbEndpoints.Builder found = LocalityLbEndpoints.newBuilder();
    instances.stream()
        .filter(instance -> instance.getStatus() == InstanceStatus.UP)
        .sorted(Comparator.comparing(InstanceInfo::getId))
        .map(GatewayEndpoints::endpoint)
        .forEach(found::addLbEndpoints);
    return ClusterLoadAssignment.newBuilder().setClusterName(service).addEndpoints(found).build();
  }

  private static LbEndpoint endpoint(InstanceInfo instance) {
    SocketAddress address =
        SocketAddress.newBuilder()
            .setAddress(instance.getIPAddr())
            .setPortValue(instance.getPort())
            .build();
    return LbEndpoint.newBuilder()
        .setEndpoint(
            Endpoint.newBuilder().setAddress(Address.newBuilder().setSocketAddress(address)))
        .build();
  }
}
