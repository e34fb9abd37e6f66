#pragma once

#include "Foundation/NSArray.hpp"
#include "Foundation/NSDictionary.hpp"
#include "Foundation/NSObject.hpp"
#include "Foundation/NSString.hpp"

namespace NS {

enum ProcessInfoThermalState : Integer {
  ProcessInfoThermalStateNominal = 0,
  ProcessInfoThermalStateFair = 1,
  ProcessInfoThermalStateSerious = 2,
  ProcessInfoThermalStateCritical = 3,
};

class ProcessInfo : public Referencing<ProcessInfo> {
 public:
  static ProcessInfo* processInfo();

  Array* arguments() const;
  Dictionary* environment() const;
  String* hostName() const;
  String* processName() const;
  int processIdentifier() const;
  String* userName() const;

  /// 15.0.0, the macOS whose Metal has what softmetal offers: programs choose features by it.
  OperatingSystemVersion operatingSystemVersion() const { return {15, 0, 0}; }
  String* operatingSystemVersionString() const;
  bool isOperatingSystemAtLeastVersion(OperatingSystemVersion version) const;

  UInteger processorCount() const;
  /// Those that the process may run on.
  UInteger activeProcessorCount() const;
  unsigned long long physicalMemory() const;
  TimeInterval systemUptime() const;
  ProcessInfoThermalState thermalState() const { return ProcessInfoThermalStateNominal; }
  bool isLowPowerModeEnabled() const { return false; }
  bool isiOSAppOnMac() const { return false; }
  bool isMacCatalystApp() const { return false; }

 private:
  ProcessInfo() { live_forever(); }
};

}  // namespace NS
