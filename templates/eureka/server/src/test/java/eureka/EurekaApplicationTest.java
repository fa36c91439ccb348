package eureka;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.InvalidProtocolBufferException;
import com.netflix.eureka.registry.AbstractInstanceRegistry;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import io.envoyproxy.envoy.service.endpoint.v3.EndpointDiscoveryServiceGrpc;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.grpc.server.lifecycle.GrpcServerLifecycle;
import org.springframework.http.MediaType;
import org.springframework.web.client.RestClient;

@SpringBootTest(
    webEnvironment = WebEnvironment.RANDOM_PORT,
    properties = "spring.grpc.server.port=0")
class EurekaApplicationTest {
  private static final String INSTANCE =
      """
      {"instance": {
        "instanceId": "%s", "app": "ORDERS", "vipAddress": "orders", "status": "%s",
        "hostName": "%s", "ipAddr": "%s", "port": {"$": 8000, "@enabled": "true"},
        "lastDirtyTimestamp": %d,
        "dataCenterInfo": {
          "@class": "com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo",
          "name": "MyOwn"
        }
      }}
      """;

  @Value("http://localhost:${local.server.port}/eureka/apps/ORDERS")
  String orders;

  @Autowired GrpcServerLifecycle server;

  @Autowired AbstractInstanceRegistry registry;
  Gateway gateway;

  @BeforeEach
  void ask() {
    gateway = new Gateway(server.getPort());
  }

  @AfterEach
  void forgetAll() {
    gateway.channel.shutdownNow();
    registry.clearRegistry();
  }

  @Test
  void theGatewayKnowsWhoIsUp() throws Exception {
    register("first", "UP", "10.0.0.1");
    gateway.waitFor("10.0.0.1");
    register("second", "UP", "10.0.0.2");
    gateway.waitFor("10.0.0.1", "10.0.0.2");
    register("first", "DOWN", "10.0.0.1");
    gateway.waitFor("10.0.0.2");
    RestClient.create(orders + "/second").delete().retrieve().toBodilessEntity();
    gateway.waitFor();
  }

  @Test
  void anAddressHasOneInstance() throws Exception {
    register("first", "UP", "10.0.0.1");
    register("second", "UP", "10.0.0.1");
    gateway.waitFor("10.0.0.1");
    assertThat(RestClient.create(orders).get().retrieve().body(String.class))
        .contains("second")
        .doesNotContain("first");
  }

  private void register(String id, String status, String address) {
    RestClient.create(orders)
        .post()
        .contentType(MediaType.APPLICATION_JSON)
        .body(INSTANCE.formatted(id, status, address, address, System.currentTimeMillis()))
        .retrieve()
        .toBodilessEntity();
  }

  /** Sends a request as Envoy does. */
  private static class Gateway implements StreamObserver<DiscoveryResponse> {
    final ManagedChannel channel;
    private final StreamObserver<DiscoveryRequest> requests;
    private final BlockingQueue<List<String>> answers = new LinkedBlockingQueue<>();

    Gateway(int port) {
      channel = ManagedChannelBuilder.forAddress("localhost", port).usePlaintext().build();
      requests = EndpointDiscoveryServiceGrpc.newStub(channel).streamEndpoints(this);
      requests.onNext(request().build());
    }

    void waitFor(String... addresses) throws InterruptedException {
      List<String> answer;
      do {
        answer = answers.poll(10, TimeUnit.SECONDS);
        assertThat(answer).as("endpoints, where %s are waited for", List.of(addresses)).isNotNull();
      } while (!answer.equals(List.of(addresses)));
    }

    @Override
    public void onNext(DiscoveryResponse response) {
      try {
        ClusterLoadAssignment found = response.getResources(0).unpack(ClusterLoadAssignment.class);
        answers.add(
            found.getEndpoints(0).getLbEndpointsList().stream()
                .map(each -> each.getEndpoint().getAddress().getSocketAddress().getAddress())
                .toList());
      } catch (InvalidProtocolBufferException error) {
        throw new IllegalStateException(error);
      }
      requests.onNext(
          request()
              .setVersionInfo(response.getVersionInfo())
              .setResponseNonce(response.getNonce())
              .build());
    }

    @Override
    public void onError(Throwable error) {}

    @Override
    public void onCompleted() {}

    private static DiscoveryRequest.Builder request() {
      return DiscoveryRequest.newBuilder()
          .setTypeUrl("type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment")
          .addResourceNames("orders");
    }
  }
}
