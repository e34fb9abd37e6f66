kernel void f(device const float* in [[buffer(0)]], uint i [[thread_position_in_grid]]) {
  threadgroup float tile[32][33];
}
