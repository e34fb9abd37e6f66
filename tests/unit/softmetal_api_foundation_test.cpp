// NS:: of softmetal, used as a program for Apple's metal-cpp uses it.
#include <Foundation/Foundation.hpp>
#include <QuartzCore/QuartzCore.hpp>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string>
#include <thread>
#include <unistd.h>
#include <vector>

#include "gtest/gtest.h"

#include "ingot/error.hpp"

#include "gmock/gmock.h"
#include "softmetal/checks.hpp"
#include "softmetal/leaks.hpp"

namespace softmetal::testing {
namespace {

using ::testing::HasSubstr;

NS::String* text(const char* value) {
  return NS::String::string(value, NS::UTF8StringEncoding);
}

class Foundation : public ::testing::Test {
 protected:
  void TearDown() override {
    pool_.reset();
    EXPECT_EQ(leaks_.text(), "");
  }

  const LeakCheck leaks_;
  NS::SharedPtr<NS::AutoreleasePool> pool_ = NS::TransferPtr(NS::AutoreleasePool::alloc()->init());
};

TEST_F(Foundation, StringsCountUtf16Units) {
  // One, two, three and four bytes of UTF-8.
  const NS::String* string = text("a\u00e9\u20ac\U0001F600z");
  EXPECT_EQ(string->length(), 6u);
  EXPECT_EQ(string->character(0), 'a');
  EXPECT_EQ(string->character(1), 0xe9);
  EXPECT_EQ(string->character(2), 0x20ac);
  EXPECT_EQ(string->character(3), 0xd83d);
  EXPECT_EQ(string->character(4), 0xde00);
  EXPECT_EQ(string->character(5), 'z');
  EXPECT_THROW(string->character(6), ingot::Error);
  EXPECT_EQ(string->lengthOfBytes(NS::UTF8StringEncoding), 11u);
  EXPECT_EQ(string->lengthOfBytes(NS::ASCIIStringEncoding), 0u);
  EXPECT_EQ(string->maximumLengthOfBytes(NS::UTF8StringEncoding), 18u);
  EXPECT_EQ(string->cString(NS::ASCIIStringEncoding), nullptr);
  EXPECT_STREQ(string->cString(NS::UTF8StringEncoding), string->utf8String());
  EXPECT_EQ(string->rangeOfString(text("z"), NS::LiteralSearch).location, 5u);
}

TEST_F(Foundation, StringsAreMadeFromBytes) {
  char latin[] = {'\xe9', '\xff'};
  const auto from_latin =
      NS::TransferPtr(NS::String::alloc()->init(latin, 2, NS::ISOLatin1StringEncoding, false));
  EXPECT_STREQ(from_latin->utf8String(), "\u00e9\u00ff");
  EXPECT_EQ(std::string(from_latin->cString(NS::ISOLatin1StringEncoding)), "\xe9\xff");

  void* owned = std::malloc(3);
  std::memcpy(owned, "a\0b", 3);
  const auto with_zero =
      NS::TransferPtr(NS::String::alloc()->init(owned, 3, NS::UTF8StringEncoding, true));
  EXPECT_EQ(with_zero->length(), 3u);

  for (const char* bad : {"\xff",
                          "\xc3",
                          "\xe2\x82",
                          "\xc0\x80",
                          "\xe0\x80\x80",
                          "\xed\xa0\x80",
                          "\xf4\x90\x80\x80",
                          "\x80"}) {
    EXPECT_EQ(NS::String::string(bad, NS::UTF8StringEncoding), nullptr) << bad;
  }
  EXPECT_EQ(NS::String::string("\u00e9", NS::ASCIIStringEncoding), nullptr);
  EXPECT_THROW(text("x")->lengthOfBytes(NS::ShiftJISStringEncoding), ingot::Error);
  EXPECT_STREQ(NS::String::string(text("copy"))->utf8String(), "copy");
  EXPECT_EQ(NS::String::string()->length(), 0u);
}

TEST_F(Foundation, StringsAreSearchedAndCompared) {
  const NS::String* path = text("Shaders/scan.METAL/scan");
  const auto range = [&](const char* part, NS::StringCompareOptions options) {
    return path->rangeOfString(text(part), options);
  };
  EXPECT_TRUE(range("scan", NS::LiteralSearch).Equal(NS::Range::Make(8, 4)));
  EXPECT_TRUE(range("scan", NS::BackwardsSearch).Equal(NS::Range::Make(19, 4)));
  EXPECT_TRUE(range("metal", NS::CaseInsensitiveSearch).Equal(NS::Range::Make(13, 5)));
  EXPECT_EQ(range("metal", NS::LiteralSearch).location, static_cast<NS::UInteger>(NS::NotFound));
  EXPECT_EQ(range("scan", NS::AnchoredSearch).length, 0u);
  EXPECT_EQ(range("Shaders", NS::AnchoredSearch).length, 7u);
  EXPECT_EQ(range("scan", NS::AnchoredSearch | NS::BackwardsSearch).location, 19u);
  EXPECT_THROW(range("s.*n", NS::RegularExpressionSearch), ingot::Error);

  EXPECT_EQ(text("ABC")->caseInsensitiveCompare(text("abd")), NS::OrderedAscending);
  EXPECT_EQ(text("abc")->caseInsensitiveCompare(text("ABC")), NS::OrderedSame);
  EXPECT_TRUE(text("a")->stringByAppendingString(text("b"))->isEqualToString(MTLSTR("ab")));
  EXPECT_EQ(text("ab")->hash(), MTLSTR("ab")->hash());
  EXPECT_FALSE(text("a")->isEqual(nullptr));
}

TEST_F(Foundation, NumbersConvertAndCompare) {
  EXPECT_STREQ(NS::Number::number(0.1f)->stringValue()->utf8String(), "0.1");
  EXPECT_STREQ(NS::Number::number(1.5)->stringValue()->utf8String(), "1.5");
  EXPECT_STREQ(NS::Number::number(true)->stringValue()->utf8String(), "1");
  EXPECT_STREQ(NS::Number::number(-3)->description()->utf8String(), "-3");
  EXPECT_STREQ(NS::Number::number(~0ull)->stringValue()->utf8String(), "18446744073709551615");
  EXPECT_EQ(NS::Number::number(-1)->unsignedCharValue(), 255);
  EXPECT_EQ(NS::Number::number(2.75)->integerValue(), 2);
  EXPECT_STREQ(NS::Number::number(short{1})->objCType(), "s");
  EXPECT_TRUE(NS::Number::number(1)->isEqualToNumber(NS::Number::number(1.0)));
  EXPECT_EQ(NS::Number::number(1)->hash(), NS::Number::number(1.0)->hash());
  EXPECT_EQ(NS::Number::number(-1)->compare(NS::Number::number(~0ull)), NS::OrderedAscending);
  EXPECT_EQ(NS::Number::number(2.5f)->compare(NS::Number::number(2)), NS::OrderedDescending);

  // Neighbours that are one double.
  EXPECT_EQ(NS::Number::number(9007199254740993l)->compare(NS::Number::number(9007199254740992ul)),
            NS::OrderedDescending);

  int here = 5;
  int copy = 0;
  const NS::Value* value = NS::Value::value(&here, "i");
  value->getValue(&copy, sizeof copy);
  EXPECT_EQ(copy, 5);
  EXPECT_EQ(NS::Value::value(&here)->pointerValue(), &here);
  EXPECT_THROW(NS::Value::value(&here, "{CGRect=dddd}"), ingot::Error);
}

TEST_F(Foundation, CollectionsHoldAndFind) {
  const NS::Object* objects[] = {text("b"), NS::Number::number(7), text("b")};
  const NS::Array* array = NS::Array::array(objects, 3);
  EXPECT_EQ(array->count(), 3u);
  EXPECT_EQ(array->object<NS::Number>(1)->intValue(), 7);
  EXPECT_THROW(array->object(3), std::out_of_range);
  EXPECT_STREQ(array->description()->utf8String(), "(b, 7, b)");
  EXPECT_TRUE(array->isEqual(NS::Array::array(objects, 3)));
  EXPECT_FALSE(array->isEqual(NS::Array::array(objects, 2)));
  EXPECT_EQ(objects[0]->description()->length(), 1u);

  const auto set = NS::TransferPtr(NS::Set::alloc()->init(objects, 3));
  EXPECT_EQ(set->count(), 2u);
  auto* each = set->objectEnumerator();
  EXPECT_EQ(each->nextObject(), objects[0]);
  EXPECT_EQ(each->allObjects()->count(), 1u);
  EXPECT_EQ(each->nextObject(), nullptr);

  const NS::Object* keys[] = {text("x"), text("y"), text("x")};
  const NS::Dictionary* dictionary = NS::Dictionary::dictionary(objects, keys, 3);
  EXPECT_EQ(dictionary->count(), 2u);
  EXPECT_EQ(dictionary->object(text("x")), objects[0]);
  EXPECT_EQ(dictionary->object(text("z")), nullptr);
  EXPECT_STREQ(dictionary->description()->utf8String(), "{x = b, y = 7}");
  auto* key = dictionary->keyEnumerator<NS::String>();
  NS::FastEnumerationState state = {};
  NS::Object* buffer[4];
  EXPECT_EQ(key->countByEnumerating(&state, buffer, 4), 2u);
  EXPECT_EQ(key->countByEnumerating(&state, buffer, 4), 0u);
}

TEST_F(Foundation, ErrorsTellWhatWentWrong) {
  const NS::Object* keys[] = {NS::LocalizedDescriptionKey, NS::LocalizedRecoverySuggestionErrorKey};
  const NS::Object* values[] = {text("no such kernel"), text("look at the names")};
  const NS::Error* error =
      NS::Error::error(NS::CocoaErrorDomain, 4, NS::Dictionary::dictionary(values, keys, 2));
  EXPECT_STREQ(error->localizedDescription()->utf8String(), "no such kernel");
  EXPECT_STREQ(error->localizedRecoverySuggestion()->utf8String(), "look at the names");
  EXPECT_EQ(error->localizedFailureReason(), nullptr);
  EXPECT_EQ(error->code(), 4);
  EXPECT_STREQ(NS::Error::error(NS::POSIXErrorDomain, 2, nullptr)->description()->utf8String(),
               "NSPOSIXErrorDomain 2");
}

TEST_F(Foundation, FilesAndTheProcess) {
  namespace fs = std::filesystem;
  EXPECT_STREQ(NS::URL::fileURLWithPath(text("/tmp/a b.metal"))->fileSystemRepresentation(),
               "/tmp/a b.metal");
  EXPECT_EQ(fs::path(NS::URL::fileURLWithPath(text("x"))->fileSystemRepresentation()),
            fs::absolute("x"));
  const auto url = NS::TransferPtr(NS::URL::alloc()->init(text("file:///tmp/a%20b")));
  EXPECT_STREQ(url->fileSystemRepresentation(), "/tmp/a b");
  const auto remote = NS::TransferPtr(NS::URL::alloc());
  EXPECT_THROW(remote->init(text("https://example.org")), ingot::Error);

  const fs::path program = fs::read_symlink("/proc/self/exe");
  const NS::Bundle* bundle = NS::Bundle::mainBundle();
  EXPECT_EQ(fs::path(bundle->resourcePath()->utf8String()), program.parent_path());
  EXPECT_EQ(fs::path(bundle->executableURL()->fileSystemRepresentation()), program);
  EXPECT_EQ(NS::Bundle::allBundles()->object<NS::Bundle>(0), bundle);
  EXPECT_EQ(NS::Bundle::bundle(text("/no/such/folder")), nullptr);
  const NS::Bundle* root = NS::Bundle::bundle(NS::URL::fileURLWithPath(text("/")));
  EXPECT_STREQ(root->bundlePath()->utf8String(), "/");
  EXPECT_EQ(root->executablePath(), nullptr);

  NS::ProcessInfo* process = NS::ProcessInfo::processInfo();
  EXPECT_EQ(process->processIdentifier(), getpid());
  EXPECT_EQ(fs::path(process->processName()->utf8String()), program.filename());
  EXPECT_GE(process->arguments()->count(), 1u);
  EXPECT_STREQ(process->environment()->object<NS::String>(text("PATH"))->utf8String(),
               std::getenv("PATH"));
  EXPECT_GE(process->activeProcessorCount(), 1u);
  EXPECT_TRUE(process->isOperatingSystemAtLeastVersion({14, 6, 9}));
  EXPECT_FALSE(process->isOperatingSystemAtLeastVersion({99, 0, 0}));
}

TEST_F(Foundation, ReferencesAreCounted) {
  auto* string = NS::String::alloc()->init("counted", NS::UTF8StringEncoding);
  string->retain();
  EXPECT_EQ(string->retainCount(), 2u);
  {
    const auto pool = NS::TransferPtr(NS::AutoreleasePool::alloc()->init());
    string->autorelease();
    EXPECT_EQ(string->retainCount(), 2u);
  }
  EXPECT_EQ(string->retainCount(), 1u);
  EXPECT_EQ(string->copy(), string);  // it never changes
  string->release();
  EXPECT_EQ(NS::RetainPtr(string)->retainCount(), 2u);
  string->release();

#if !__has_feature(undefined_behavior_sanitizer)  // which sees that C++ does not promise this
  NS::String* nothing = nullptr;
  nothing->release();
  EXPECT_EQ(nothing->retain(), nullptr);
  EXPECT_EQ(nothing->autorelease(), nullptr);
#endif

  NS::String* constant = MTLSTR("constant");
  constant->release();
  constant->release();
  EXPECT_STREQ(constant->utf8String(), "constant");
}

TEST_F(Foundation, PoolsNest) {
  auto* outer = NS::AutoreleasePool::alloc()->init();
  auto* inner = NS::AutoreleasePool::alloc()->init();
  auto* string = NS::String::alloc()->init("x", NS::UTF8StringEncoding);
  string->retain();
  string->retain();
  inner->addObject(string);
  outer->addObject(string);
  inner->release();
  EXPECT_EQ(string->retainCount(), 2u);
  outer->drain();
  EXPECT_EQ(string->retainCount(), 1u);
  string->release();

  std::thread([] { text("in a thread without a pool"); }).join();
}

TEST_F(Foundation, LeaksAreFound) {
  const LeakCheck leaks;
  auto* leaked = NS::String::alloc()->init("leaked", NS::UTF8StringEncoding);
  auto* array = NS::Array::alloc()->init();
  EXPECT_EQ(leaks.text(), "1 NS::Array, 1 NS::String");
  array->release();
  EXPECT_EQ(leaks.text(), "1 NS::String");
  leaked->release();
  EXPECT_EQ(leaks.text(), "");
}

TEST_F(Foundation, AnOverReleasedObjectIsFound) {
#if __has_feature(undefined_behavior_sanitizer)
  GTEST_SKIP() << "the sanitizer finds it first";
#endif
  Options options;
  options.checks = CheckSet().with(Check::kFreed);
  options.print = false;
  const ScopedOptions scope(options);
  auto* array = NS::Array::alloc()->init();
  array->release();
  array->release();
  array->retain();
  NS::Array::array();  // the pool owns it
  const std::vector<Finding> findings = take_findings();
  ASSERT_EQ(findings.size(), 2u);
  EXPECT_EQ(findings[0].check, Check::kFreed);
  EXPECT_THAT(findings[0].message, HasSubstr("release of NS::Array 0x"));
  EXPECT_THAT(findings[0].message, HasSubstr("that has been freed"));
  EXPECT_THAT(findings[1].message, HasSubstr("retain of NS::Array 0x"));
}

}  // namespace
}  // namespace softmetal::testing
