// NVIDIA's signals, from a stand-in for its library.
#include <dlfcn.h>

#include "gtest/gtest.h"

#include "gmock/gmock.h"
#include "health/nvml.hpp"
#include "tests/unit/fake_nvml.hpp"

namespace ingot::health {
namespace {

using testing::DoubleNear;
using testing::HasSubstr;
using testing::Optional;

class HealthNvml : public testing::Test {
 protected:
  HealthNvml() : library_(dlopen(INGOT_FAKE_NVML, RTLD_NOW)) {
    fake_ = reinterpret_cast<FakeNvmlState*>(dlsym(library_, "fake_nvml_state"))();
    *fake_ = {};
  }
  ~HealthNvml() override { dlclose(library_); }

  static Snapshot sample() {
    Nvml nvml(INGOT_FAKE_NVML);
    Snapshot snapshot;
    nvml.sample(snapshot);
    return snapshot;
  }

  void* library_;
  FakeNvml* fake_;
};

TEST_F(HealthNvml, TellsWhatTheLibraryTells) {
  fake_->count = 2;
  fake_->gpus[0] = {"NVIDIA H200",
                    150ULL << 30,
                    30ULL << 30,
                    41,
                    87,
                    350'500,
                    700'000,
                    1980,
                    1980,
                    0x4,
                    3,
                    false};
  fake_->gpus[1].name = "NVIDIA A100";
  const Snapshot s = sample();
  EXPECT_EQ(s.gpu_source, "NVML");
  ASSERT_EQ(s.gpus.size(), 2u);
  const Gpu& gpu = s.gpus[0];
  EXPECT_THAT(gpu.name.value, Optional(std::string("NVIDIA H200")));
  EXPECT_THAT(gpu.memory_total_gb.value, Optional(150.0));
  EXPECT_THAT(gpu.memory_used_gb.value, Optional(30.0));
  EXPECT_THAT(gpu.temperature_c.value, Optional(41.0));
  EXPECT_THAT(gpu.utilisation_pct.value, Optional(87.0));
  EXPECT_THAT(gpu.power_w.value, Optional(350.5));
  EXPECT_THAT(gpu.power_limit_w.value, Optional(700.0));
  EXPECT_THAT(gpu.clocks_held_by.value, Optional(std::string("software power cap")));
  EXPECT_THAT(gpu.speed_limit_pct.value, Optional(100.0));  // full load is no throttle
  EXPECT_THAT(gpu.top_process_gb.value, Optional(3.0));
  EXPECT_THAT(gpu.top_process_name.value, Optional(std::string("process 1000000002")));
  EXPECT_THAT(s.gpus[1].name.value, Optional(std::string("NVIDIA A100")));
  EXPECT_FALSE(s.gpus[1].top_process_gb.known());
}

TEST_F(HealthNvml, ReasonsThatSlowGiveALimit) {
  fake_->count = 1;
  fake_->gpus[0].clock = 990;
  fake_->gpus[0].max_clock = 1980;
  const auto limit = [&](unsigned long long reasons) {
    fake_->gpus[0].clock_reasons = reasons;
    return sample().gpus[0].speed_limit_pct.value;
  };
  for (const unsigned long long slows : {0x8, 0x20, 0x40, 0x80, 0x40 | 0x4}) {
    EXPECT_THAT(limit(slows), Optional(DoubleNear(50, 1e-9))) << slows;
  }
  for (const unsigned long long harmless : {0x0, 0x1, 0x2, 0x4, 0x10, 0x100}) {
    EXPECT_THAT(limit(harmless), Optional(100.0)) << harmless;
  }
  fake_->gpus[0].clock_reasons = 0x40 | 0x8;
  EXPECT_THAT(sample().gpus[0].clocks_held_by.value,
              Optional(std::string("hardware slowdown, hardware thermal slowdown")));
  fake_->gpus[0].max_clock = 0;
  EXPECT_FALSE(sample().gpus[0].speed_limit_pct.known());
}

TEST_F(HealthNvml, ManyProcesses) {
  fake_->count = 1;
  fake_->gpus[0].processes = 200;
  EXPECT_THAT(sample().gpus[0].top_process_gb.value, Optional(200.0));
}

TEST_F(HealthNvml, AGpuThatDoesNotAnswerIsThereButUnknown) {
  fake_->count = 1;
  fake_->gpus[0].broken = true;
  const Snapshot s = sample();
  ASSERT_EQ(s.gpus.size(), 1u);
  for_each_gpu_signal(s.gpus[0], [](const SignalInfo& info, const auto& signal) {
    EXPECT_FALSE(signal.known()) << info.name;
    EXPECT_NE(signal.source, "") << info.name;
  });
}

TEST_F(HealthNvml, IsOpenedOnceAndClosed) {
  fake_->count = 1;
  {
    Nvml nvml(INGOT_FAKE_NVML);
    EXPECT_EQ(fake_->inits, 0);
    Snapshot snapshot;
    nvml.sample(snapshot);
    nvml.sample(snapshot);
    EXPECT_EQ(snapshot.gpus.size(), 1u);
  }
  EXPECT_EQ(fake_->inits, 1);
  EXPECT_EQ(fake_->shutdowns, 1);
}

TEST_F(HealthNvml, ReasonsForNoGpu) {
  EXPECT_EQ(sample().gpu_source, "NVML: no GPU");
  fake_->init_status = 9;
  EXPECT_THAT(sample().gpu_source, HasSubstr("Driver Not Loaded"));
  Nvml missing("libno-such-library.so.1");
  Snapshot snapshot;
  missing.sample(snapshot);
  EXPECT_TRUE(snapshot.gpus.empty());
  EXPECT_THAT(snapshot.gpu_source, HasSubstr("no NVIDIA driver"));
  // A library without any of the functions.
  Nvml stranger("libm.so.6");
  stranger.sample(snapshot);
  EXPECT_THAT(snapshot.gpu_source, HasSubstr("does not start"));
}

}  // namespace
}  // namespace ingot::health
