int s(device int* p) { return *p; }
int s(threadgroup int* q) { return *q; }
struct A { A() : x{1} {} int x; int operator()(int) const thread; };
template <> struct B<i{n >t static_assert(1 < 2, "a"); };
