// Entry points made from templates.
#pragma once

// Makes the instance of a kernel template that follows the name an entry point of that name, which
// may be several strings side by side: INGOT_KERNEL("rows_" "f32", rows<float, 4>)
#define INGOT_KERNEL(name, ...) \
  template [[host_name(name)]] [[kernel]] decltype(__VA_ARGS__) __VA_ARGS__;
