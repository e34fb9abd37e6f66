// A stand-in for NVIDIA's management library, built as a shared object: what a test puts into its
// state is what it tells.
#pragma once

struct FakeGpu {
  const char* name = "Fake GPU";
  unsigned long long memory_total = 0, memory_used = 0;
  unsigned temperature = 0, utilisation = 0, power_milliwatts = 0, power_limit_milliwatts = 0;
  unsigned clock = 0, max_clock = 0;
  unsigned long long clock_reasons = 0;
  unsigned processes = 0;  // with 1, 2, 3, ... GiB; their ids count from 1,000,000,000
  bool broken = false;     // each question fails
};

struct FakeNvml {
  int init_status = 0;
  int inits = 0, shutdowns = 0;
  unsigned count = 0;
  FakeGpu gpus[4];
};

// FakeNvml* fake_nvml_state() is a symbol of the shared object.
using FakeNvmlState = FakeNvml*();
