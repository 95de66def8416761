import { lastNumberIn, numbersIn, valueOf } from '../../src/mock-server/numbers.js';

describe('the numbers of a prompt', () => {
  test.each<[string, readonly number[]]>([
    ['what is 17 plus 25', [17, 25]],
    ['17 + 25', [17, 25]],
    ['17+25', [17, 25]],
    ['add -3.5 and 4', [-3.5, 4]],
    ['add \u22123 and 4', [-3, 4]],
    ['5 + -3', [5, -3]],
    ['5+-3', [5, -3]],
    ['5 plus minus 3', [5, -3]],
    ['add negative 3 and 4', [-3, 4]],
    ['17 - 25 + 3', [17, -25, 3]],
    ['17-25', [17, -25]],
    ['5 - -3', [5, 3]],
    ['(-3) plus (4)', [-3, 4]],
    ['sum of 1e3 and 2', [1000, 2]],
    ['sum of 1.5E-3 and 2e+2', [0.0015, 200]],
    ['add 1,000 and 2,500,000.75', [1000, 2500000.75]],
    ['add 1_000 and 2', [1000, 2]],
    ['add 1\u202f000 and 2', [1000, 2]],
    ['add 1,2,3', [1, 2, 3]],
    ['sum 100,200', [100, 200]],
    ['add .5 and -.25', [0.5, -0.25]],
    ['add 0 and 0', [0, 0]],
    ['What is 17 plus 25.', [17, 25]],
    ['Add:\n- 3\n- 4', [3, 4]],
    ['these numbers - 3 and 4', [3, 4]],
    ['use step-2 of v1.2.3 and MP3 to add 7 and 8', [7, 8]],
    ['the 3rd time: 7 plus 8', [7, 8]],
    ['add 0x10 and 5 and 6', [5, 6]],
    ['add 1e999 and 1', [1]],
    ['9007199254740993 plus 1', [9007199254740992, 1]],
    ['17kg plus 25kg', [17, 25]],
    ['what is seventeen plus twenty-five?', [17, 25]],
    ['two hundred five plus minus three', [205, -3]],
    ['one million two thousand and one', [1002000, 1]],
    ['which one is the sum of 2 and 3', [2, 3]],
    ['hello', []],
  ])('%s', (text, expected) => {
    expect(numbersIn(text)).toEqual(expected);
  });
});

describe("the number of a tool's answer", () => {
  test.each<[string, string | null, number]>([
    ['The sum of 17 and 25 is 42.', '42', 42],
    ['The sum of 0.1 and 0.2 is 0.30000000000000004.', '0.30000000000000004', 0.30000000000000004],
    ['The sum of 1e+21 and -1e+21 is -1e+21.', '-1e+21', -1e21],
    ['{"sum":-7,"ok":true}', '-7', -7],
    ['1,002', '1,002', 1002],
    ['is 42, I think', '42', 42],
    ['nothing here', null, NaN],
  ])('%s', (text, written, value) => {
    expect(lastNumberIn(text)).toBe(written);
    expect(written === null ? NaN : valueOf(written)).toBe(value);
  });
});
