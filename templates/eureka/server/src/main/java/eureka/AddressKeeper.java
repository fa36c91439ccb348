package eureka;

import com.netflix.appinfo.InstanceInfo;
import com.netflix.eureka.registry.PeerAwareInstanceRegistry;
import java.util.List;
import org.springframework.cloud.netflix.eureka.server.event.EurekaInstanceRegisteredEvent;
import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Component;

/**
 * Keeps one instance per address. Containers reuse addresses: otherwise, requests for a killed
 * instance would reach another service until the lease ends.
 */
@Component
class AddressKeeper {
  private final PeerAwareInstanceRegistry registry;

  AddressKeeper(PeerAwareInstanceRegistry registry) {
    this.registry = registry;
  }

  @EventListener
  void forgetPredecessors(EurekaInstanceRegisteredEvent event) {
    InstanceInfo newcomer = event.getInstanceInfo();
    List<InstanceInfo> predecessors =
        registry.getSortedApplications().stream()
            .flatMap(application -> application.getInstances().stream())
            .filter(instance -> instance.getIPAddr().equals(newcomer.getIPAddr()))
            .filter(instance -> instance.getPort() == newcomer.getPort())
            .filter(instance -> !instance.getId().equals(newcomer.getId()))
            .toList();
    predecessors.forEach(
        instance -> registry.cancel(instance.getAppName(), instance.getId(), false));
  }
}
