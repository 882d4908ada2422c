using Shop.Contracts;
using Shop.Inventory;
using Shop.ServiceDefaults;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults(ServiceNames.Inventory);
builder.AddInventory();

var app = builder.Build();
app.MapServiceDefaults();
app.MapInventory();
return await app.RunOrMigrateAsync(args);
