package eureka;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.cloud.netflix.eureka.server.EnableEurekaServer;
import org.springframework.scheduling.annotation.EnableScheduling;

/** Service registry: Eureka's REST API for services, Envoy's endpoint discovery for the gateway. */
@SpringBootApplication
@EnableEurekaServer
@EnableScheduling
public class EurekaApplication {
  public static void main(String[] arguments) {
    SpringApplication.run(EurekaApplication.class, arguments);
  }
}
