package eureka;

import com.netflix.appinfo.InstanceInfo;
import com.netflix.eureka.registry.PeerAwareInstanceRegistry;
import java.util.List;
import org.springframework.cloud.netflix.eureka.server.event.EurekaInstanceRegisteredEvent;
import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Component;

/**
 * Lets an address have one instance. Containers get the addresses of those that are gone: without
 * this, requests for one that was killed would reach somebody else until its lease ends.
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
