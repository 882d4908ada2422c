using System.CommandLine;
using Shop.Lab.Load;

return await new RootCommand("Loads the shop and checks what it promises.") { LoadCommand.Create() }.Parse(args).InvokeAsync();
