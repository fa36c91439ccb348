package eureka;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.cloud.netflix.eureka.server.EnableEurekaServer;
import org.springframework.scheduling.annotation.EnableScheduling;

/** The registry: services ask it by Eureka's REST API, the gateway by that of Envoy. */
@SpringBootApplication
@EnableEurekaServer
@EnableScheduling
public class EurekaApplication {
  public static void main(String[] arguments) {
    SpringApplication.run(EurekaApplication.class, arguments);
  }
}
